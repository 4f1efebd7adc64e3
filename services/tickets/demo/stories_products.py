"""Stories about what the brands sell: use, trouble, plans and programs."""
# ruff: noqa: E501 (letters, as people write them)

from __future__ import annotations

from services.tickets.demo.story import SUPPLEMENTS, Filed, Story

STORIES = (
    Story(
        "Skillet is rusting after two weeks",
        (
            "<I hand wash it, dry it, and it still gets orange spots near the rim. Did I get a bad one? I followed the "
            "card that came with it to the letter.",
            ">Hi {first}, orange spots near the rim nearly always mean the seasoning there is thin, it's the last place "
            "to build up. Scrub them with coarse salt, wipe on a few drops of oil, one hour at 450 °F upside down. If "
            "they come back after that I'll replace it.\n\n{agent}",
            "<Did the salt thing. It looks beautiful now, like my grandmother's. Thank you 🙏",
        ),
        brands=("mesa-cookware",),
        topic="Care & seasoning",
        tags=("seasoning",),
        end="closed",
    ),
    Story(
        "Lid doesn't fit the Dutch oven",
        (
            "<The lid of my Dutch oven rocks, there is a gap of maybe 3 mm on one side and steam comes out. Is this "
            "covered? Bought in January, order {order}.",
            "#Known batch (casting 0412). Offer lid only, the pot is fine.",
            ">Hi {first}, it is covered. We had a batch of lids that cooled unevenly, and yours is one of them by the "
            "date. A new lid ships this week, and you can keep the old one as a very heavy frisbee.\n\n{agent}",
        ),
        brands=("mesa-cookware",),
        topic="Warranty",
        tags=("warranty", "replacement"),
        files=Filed(
            "quality",
            "Lids of casting 0412 rock on the pot",
            {"sku": "MC-DUTCH-5", "lot": "0412", "issue": "Broken", "what": "A gap of about 3 mm on one side."},
            shared=True,
        ),
    ),
    Story(
        "Is the wok OK on induction?",
        (
            "<Before I order: does the carbon steel wok work on an induction hob? Mine has a flat glass top, 21 cm zone.",
        ),
        brands=("mesa-cookware",),
        topic="Product question",
    ),
    Story(
        "Salt subscription – skip a month",
        (
            "<Hi there, we still have two full bags of the Colima salt, we just don't cook as much in summer. Could we "
            "skip July and August and start again in September?",
            ">Hi {first}, of course. Your next box leaves on September 1, and nothing is charged before then. You can "
            "skip a month yourself too, under Account > Subscription.\n\n{agent}",
        ),
        brands=("ava-janes-kitchen",),
        topic="Salt subscription",
        tags=("subscription", "skip"),
        end="closed",
    ),
    Story(
        "Pink bits in the salt?",
        (
            "<I found some tiny pinkish crystals in the bag of sea salt. Is it safe? I have stopped using it until I "
            "hear from you, and I have a dinner for twelve on Sunday!",
            ">Hi {first}, they are safe: the salt is hand-harvested, and a little natural clay from the pond floor "
            "colours some of the crystals. It's in every batch. Have a lovely dinner on Sunday!\n\n{agent}",
        ),
        brands=("ava-janes-kitchen",),
        topic="Product question",
        tags=("quality",),
    ),
    Story(
        "Recipe for the mole from your newsletter",
        (
            "<I deleted the newsletter with the mole negro recipe by accident and it isn't on the website. Any chance "
            "you could send it? My mother-in-law is coming and I promised 😅",
            ">Hi {first}, we can't let you face her without it. It's here: https://www.avajaneskitchen.example/mole. "
            "Toast the chiles a little longer than it says.\n\n{agent}",
        ),
        brands=("ava-janes-kitchen",),
        topic="Recipes",
        end="closed",
    ),
    Story(
        "Can I take this with blood pressure medication?",
        (
            "<My doctor put me on lisinopril last month. Is the {product} safe to take with it?",
            '#@lead medical question. I\'m sending the standard "please ask your doctor" with the full label attached.',
            ">Hi {first},\n\nthank you for asking first. We can't advise on medication, so please show the label to your "
            "doctor or pharmacist before you take it: every ingredient and its amount is on the product page. If they "
            "say no, we refund the order, opened or not.\n\n{agent}",
        ),
        brands=SUPPLEMENTS,
        topic="Ingredients",
        tags=("medical question",),
        priority=True,
        swallowed=True,
    ),
    Story(
        "Upset stomach after {product}",
        (
            "<I started the {product} on Monday and have had stomach cramps every afternoon since. I stopped today. I "
            "am 67 and otherwise healthy. I'd like to know what is in it that could do this and I would like my money "
            "back.",
            "#Adverse event form filled in, lot number asked for.",
            ">Dear {first},\n\nI'm sorry you felt unwell, and I'm glad you stopped. Please tell me the lot number under "
            "the bottle, so that our quality team can look at it, and do see a doctor if it doesn't pass. Your ${amount} "
            "is refunded already.\n\n{agent}",
        ),
        brands=SUPPLEMENTS,
        topic="Product question",
        tags=("adverse event", "refund"),
        priority=True,
        swallowed=True,
        files=Filed(
            "adverse-event",
            "Stomach cramps after {product}",
            {
                "sku": "{product}",
                "symptoms": "Stomach cramps every afternoon since Monday; stopped today. 67, otherwise healthy.",
                "doctor": False,
            },
        ),
    ),
    Story(
        "Taste changed??",
        (
            "<Long time customer here (since 2019!). The last two bags of {product} taste different, kind of chalky. Did "
            "you change the recipe? My kids noticed too.",
            ">Hi {first}, five years and a good palate! We moved to another supplier of coconut milk powder in spring. "
            "I've passed your note to the product team, and there is a bag from the next roast in the post for you. "
            "Tell me honestly what you think.\n\n{agent}",
        ),
        brands=("earth-echo",),
        topic="Product question",
        tags=("feedback",),
    ),
    Story(
        "Cancel my subscription",
        (
            "<Please cancel my monthly subscription of {product}. I tried on the website but the button just spins.",
            ">Hi {first}, it's cancelled, and there will be no further charge. The last order ({order}) was before "
            "that and is still on its way. I've told our web team about the button.\n\n{agent}",
        ),
        brands=SUPPLEMENTS,
        topic="Subscription",
        tags=("subscription", "cancel"),
        end="closed",
        files=Filed(
            "tracker",
            "Button to cancel a subscription spins for ever",
            {"steps": "Account > Subscription > Cancel: the button spins, and nothing is cancelled."},
            shared=True,
        ),
    ),
    Story(
        "Can't open the PDF on my Kindle",
        (
            "<I bought {product} and the download opens on my laptop but the Kindle says unsupported format. I want to "
            "use it in the kitchen!! Is there a Kindle version",
            '>Hi {first}, there is. I\'ve added the EPUB to your library; use "Send to Kindle" with your address and it '
            "will show up in a minute or two.\n\n{agent}",
        ),
        brands=("paleo-hacks",),
        topic="Cookbooks",
        tags=("download",),
    ),
    Story(
        "Nut-free options?",
        (
            "<My son is allergic to tree nuts and half of the breakfasts in the book use almond flour. Can I swap it for "
            "cassava flour one to one, and is there a list of the recipes that are nut-free already?",
        ),
        brands=("paleo-hacks", "paleo-plan"),
        topic="Product question",
        tags=("allergy",),
    ),
    Story(
        "Locked out of my account",
        (
            "<It tells me my email doesn't exist, but I get your newsletter at this very address. I paid for a year in "
            "March and can't see this week's plan or the shopping list.",
            "#Two accounts: signed up with Apple's private relay address. Merge requested.",
            ">Hi {first}, I found it: you signed up with Apple, which gave us a private address instead of this one. "
            'I\'ve put this address on your membership. Use "Forgot password" with it and you are in.\n\n{agent}',
            "<That worked, thanks. Would never have guessed.",
        ),
        brands=("paleo-plan", "paleo-hacks"),
        topic="Account access",
        tags=("login",),
        end="closed",
    ),
    Story(
        "Meal plan for one person",
        (
            "<Everything in {product} is for a family of four. I live alone and am tired of eating the same stew until "
            "Thursday. Can I set the number of portions somewhere?",
            ">Hi {first}, yes: under Settings > Household. The shopping list follows. Recipes that don't shrink well "
            "are marked, those freeze well instead.\n\n{agent}",
        ),
        brands=("paleo-plan",),
        topic="Meal plans",
        end="closed",
    ),
    Story(
        "Renewed without asking",
        (
            "<My membership renewed for ${amount} yesterday. I don't remember agreeing to that and I haven't opened the "
            "plans since Christmas. Please refund and cancel.",
        ),
        brands=("paleo-plan", "physiotru"),
        topic="Subscription",
        tags=("renewal", "refund"),
    ),
    Story(
        "Which exercises with a hip replacement?",
        (
            "<I had my left hip replaced eleven weeks ago. My physical therapist says I may stretch again. Which parts of "
            "the program should I leave out? I don't want to undo a $40,000 operation, ha.",
            ">Hi {first}, congratulations on eleven weeks! Please take the program's overview (page 6) to your "
            "therapist: they know what your hip may do. Exercises 3, 7 and 8 turn the hip far, so ask about those "
            "first.\n\n{agent}",
        ),
        brands=("physiotru",),
        topic="Programs",
        tags=("medical question",),
    ),
    Story(
        "DVD skips in chapter 4",
        (
            "<The Balance & Mobility DVD freezes at the same place each time, where she stands on one leg. I was standing "
            "on one leg for quite a while before I noticed.",
            ">Hi {first}, you made my day, thank you. A new disc is in the post, and so that you don't have to wait, here "
            "is the same program to stream: https://www.physiotru.example/watch. Free for you.\n\n{agent}",
        ),
        brands=("physiotru",),
        topic="Programs",
        tags=("replacement",),
        end="closed",
    ),
)
