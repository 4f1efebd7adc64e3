"""Stories by chat, on other channels and from other places; calls; and what nobody wants to read."""
# ruff: noqa: E501 (letters, as people write them)

from __future__ import annotations

from services.tickets.demo.story import GOODS, SUPPLEMENTS, Story

STORIES = (
    Story(
        "",
        (
            "<hi! is the {product} back in stock soon?",
            ">Hi {first}! Yes, on the 28th. Shall I put you on the list? You'd get a mail that morning.",
            "<yes please 🎉",
            ">Done. Anything else I can do?",
            "<no that's all, ty!",
        ),
        brands=GOODS,
        channel="chat",
        topic="Product question",
        end="closed",
    ),
    Story(
        "",
        (
            "<Hello, your checkout won't take my card. It says postal code doesn't match but it's the one on my bill",
            ">Hi! That message comes from the bank. Did you move lately, or use a business card?",
            "<oh. we moved in april. I bet it's that",
            ">Most likely. Try the old postal code as billing address, the shipping address can stay.",
            "<worked!!! thank you so much",
        ),
        channel="chat",
        topic="Billing",
        end="closed",
    ),
    Story(
        "",
        ("<Is anybody there? I'm looking at the {product} and can't decide on a size",),
        brands=("mesa-cookware",),
        channel="chat",
        topic="Product question",
    ),
    Story(
        "",
        (
            "<where's my order",
            "<{order}",
            ">Hi {first}, one moment, I'm looking… It left Reno last night, and should be with you on Friday. {tracking}",
            "<k",
        ),
        brands=GOODS,
        channel="chat",
        topic="Order status",
    ),
    Story(
        "",
        (
            "<How many capsules a day? The label says 2, the website says 3 🤔",
            "#Label is right, website copy is from the old formula. Ticket to web team.",
            ">Good catch! Two a day, the label is right. We are correcting the page today.",
        ),
        brands=SUPPLEMENTS,
        channel="chat",
        topic="Ingredients",
        tags=("website",),
    ),
    Story(
        "",
        (
            "<Hi, I'd like to upgrade from monthly to yearly. Do I lose the days I've paid for?",
            ">You don't: they are taken off the yearly price. Want me to switch it now?",
            "<Yes. Same card",
        ),
        brands=("paleo-plan",),
        channel="chat",
        topic="Subscription",
        tags=("upgrade",),
    ),
    Story(
        "שאלה על ההזמנה {order}",
        (
            "<שלום,\n\nהזמנתי {product} לפני שבועיים והחבילה תקועה במכס. האם צריך ממני מסמך כלשהו? מספר ההזמנה "
            "{order}.\n\nתודה,\n{first}",
            ">Hello {first},\n\nthank you, and I hope English is all right. Customs want the invoice; I have sent it to "
            "them and put a copy in your account. It usually moves on within two days.\n\n{agent}",
        ),
        brands=GOODS,
        topic="Shipping",
        tags=("customs",),
        who="יעל בן־דוד",
    ),
    Story(
        "استفسار عن المنتج",
        ("<مرحباً، هل منتج {product} حلال؟ وهل يتم الشحن إلى دبي؟ شكراً لكم 🌿",),
        brands=SUPPLEMENTS,
        topic="Ingredients",
        who="سلمى الحداد",
        swallowed=True,
    ),
    Story(
        "Frage zu Bestellung {order} / Zollanmeldung, Umsatzsteueridentifikationsnummer und Lieferverzögerung",
        (
            "<Guten Tag,\n\nleider ist meine Bestellung {order} seit zehn Tagen beim Zoll in Leipzig. Könnten Sie mir "
            "bitte eine Rechnung mit Warenwert und Ursprungsland zusenden?\n\nMit freundlichen Grüßen\n{name}",
            ">Guten Tag {name},\n\ndie Rechnung liegt jetzt in Ihrem Konto, auf Deutsch und Englisch. Bitte entschuldigen "
            "Sie die Verzögerung.\n\n{agent}",
        ),
        brands=GOODS,
        topic="Shipping",
        tags=("customs",),
        end="snoozed",
        who="Hans-Jürgen Freiherr von Waldburg-Zeil und Trauchburg",
    ),
    Story(
        "",
        (
            "<Hi, I saw your ad. Is the {product} vegan?",
            ">Hi {first}, it is, and certified. The certificate is on the product page.",
        ),
        brands=SUPPLEMENTS,
        channel="custom",
        account="whatsapp",
        topic="Product question",
        swallowed=True,
    ),
    Story(
        "2 stars: took three weeks",
        (
            "<The {product} itself is lovely but it took three weeks and two emails to get it. Two stars, would be five "
            "with decent shipping.",
            "#Public review. Answer goes out under our name, keep it short.",
            ">{first}, thank you for being fair. Three weeks is not what we promise. We've changed the carrier for your "
            "region since, and there is a voucher in your mail.",
        ),
        brands=GOODS,
        channel="custom",
        account="trustpilot",
        topic="Shipping",
        tags=("review",),
    ),
    Story(
        "",
        ("<You never answered my DM about order {order}?? It's been 4 days. Not cool {brand} 😡",),
        brands=GOODS,
        channel="custom",
        account="instagram",
        tags=("social",),
        priority=True,
    ),
    Story("", ("answered",), channel="phone", topic="Order status", end="closed"),
    Story("", ("answered",), channel="phone", topic="Billing", tags=("refund",), end="closed"),
    Story("", ("answered", "#Wants a call back on Tuesday after 4 pm, Denver time."), channel="phone", end="snoozed"),
    Story("", ("answered",), channel="phone", topic="Product question"),
    Story("", ("missed",), channel="phone"),
    Story("", ("missed",), channel="phone", tags=("call back",)),
    Story("", ("voicemail",), channel="phone", tags=("call back",)),
    Story("", ("voicemail", "#Hard to hear, something about a second parcel."), channel="phone", priority=True),
    Story(
        "Congratulations! You have been selected 🎁🎁🎁",
        (
            "<Dear Beneficiary, your email was selected for the sum of $4,500,000 USD. Kindly reply with your full names, "
            "address and copy of passport so that we may proceed with the transfer.",
        ),
        spam=True,
        who="Barr. Williams Okonkwo",
    ),
    Story(
        "SEO proposal – page 1 of Google guaranteed",
        (
            "<Hi team,\n\nI was looking at your website and found 27 critical errors that keep you from ranking. We "
            "guarantee page 1 within 30 days. May I send a free audit?\n\nRegards,\nKevin, Growth Consultant",
            "<Hi team, just floating this to the top of your inbox.",
        ),
        spam=True,
        who="Kevin Sterling",
    ),
    Story(
        "Partnership with our podcast",
        (
            "<Hi {brand} team, I host a small cooking podcast (about 8,000 listeners a week) and we'd love to have "
            "somebody from your kitchen on to talk about {product}. Who should I speak to?",
            "#@lead marketing?",
        ),
        brands=("ava-janes-kitchen", "mesa-cookware", "paleo-hacks"),
        end="snoozed",
    ),
    Story(
        "Thank you",
        (
            "<I don't have a question. I just wanted to say that the {product} has been part of our mornings for a year "
            "now, through a very hard time, and that {agent} was so kind to my mother on the phone last week. Please "
            "tell them. ❤️\n\n{name}",
            ">Dear {first},\n\nI did tell them, and there were some wet eyes here. Thank you for writing, and our best "
            "to your mother.\n\n{agent}",
        ),
        tags=("praise",),
        end="closed",
    ),
)
