"""Stories about orders, parcels and money."""
# ruff: noqa: E501 (letters, as people write them)

from __future__ import annotations

from services.tickets.demo.story import GOODS, SHOP, Filed, Story

STORIES = (
    Story(
        "Order {order} – where is it?",
        (
            '<Hi,\n\nI ordered the {product} nine days ago (order {order}) and the tracking page still says "label '
            'created". It was meant to be a birthday present for this Saturday. Can you tell me if it has actually '
            "shipped?\n\nThanks,\n{first}",
            "#Warehouse says the pallet was missed on Friday's pickup. Goes out today, 2-day upgrade approved.",
            ">Hi {first},\n\nI'm sorry, your parcel missed Friday's truck. It is leaving today and I've upgraded it to "
            "two-day shipping at no charge. New tracking: {tracking}. It should be with you on Thursday, in time for "
            "Saturday.\n\nBest,\n{agent}",
            "<Oh that's a relief. Thank you for sorting it so quickly, {agent}!\n--\n> I'm sorry, your parcel missed "
            "Friday's truck. It is leaving today and I've upgraded it to\n> two-day shipping at no charge.",
        ),
        brands=GOODS,
        topic="Order status",
        tags=("late parcel",),
        end="closed",
        files=Filed(
            "fulfillment",
            "Missed the Friday truck: two-day upgrade",
            {
                "order": "{order}",
                "issue": "Late",
                "what": "The label was made nine days ago. A birthday present for Saturday.",
            },
            outcome={"outcome": "Reshipped", "tracking": "{tracking}"},
        ),
    ),
    Story(
        "Wrong item in the box",
        (
            "<Hello, I received my order {order} today but it is not the {product}, it's something else entirely. "
            "The packing slip has somebody else's name on it too, so I guess they have mine. What do I do with this "
            "one?",
            ">Hi {first},\n\nthat's our mix-up, I'm sorry. The right parcel is packed and leaves tomorrow ({tracking}). "
            "Please keep or give away what you got, there is no need to send it back.\n\n{agent}",
        ),
        brands=GOODS,
        topic="Shipping",
        tags=("wrong item", "replacement"),
        files=Filed(
            "fulfillment",
            "Two parcels swapped: {product}",
            {"order": "{order}", "issue": "Wrong item", "what": "The packing slip has somebody else's name on it."},
            outcome={"outcome": "Reshipped", "tracking": "{tracking}"},
        ),
    ),
    Story(
        "Damaged on arrival :(",
        (
            "<The {product} arrived in a crushed box this morning, the corner is completely dented and it rattles. "
            "I took photos but they are too big to attach from my phone. Order {order}. I'd rather have a new one "
            "than my money back.",
            ">Hi {first}, I'm sorry it reached you like that. A new one is on its way, free of charge. If you can, "
            "reply with one photo, even a small one: we use them to claim from the carrier.\n\n{agent}",
            "<Got one to work, I made it smaller. Do I have to return the broken one?",
        ),
        brands=GOODS,
        topic="Returns & refunds",
        tags=("damaged", "replacement"),
        files=Filed(
            "fulfillment",
            "Crushed in its box: {product}",
            {
                "order": "{order}",
                "issue": "Damaged",
                "what": "A corner is dented and it rattles. A new one is promised.",
            },
            outcome={"outcome": "Reshipped", "tracking": "{tracking}"},
        ),
    ),
    Story(
        "Charged twice",
        (
            "<My card shows two charges of ${amount} from {brand}, both on the same day, but I only have one order "
            "({order}). Please refund one of them as soon as possible, this put my account in the red and the bank "
            "charged me a fee.",
            "#@lead two captures in the payment log, second one is ours. Can you approve the refund plus the $35 fee?",
            ">Hi {first},\n\nyou are right, and I apologise: a retry on our side captured the payment a second time. "
            "I've refunded ${amount}; banks take 3 to 5 days to show it. If you send me the statement with the fee, "
            "we will cover that as well.\n\nKind regards,\n{agent}",
        ),
        topic="Billing",
        tags=("double charge", "refund"),
        priority=True,
        files=Filed(
            "refund",
            "Captured twice: {order}",
            {
                "order": "{order}",
                "reason": "Other",
                "action": "Refund in part",
                "what": "The second capture of ${amount} is ours. The bank's fee of $35 comes on top.",
            },
            outcome={},
        ),
    ),
    Story(
        "Cancel order {order} please",
        (
            "<I placed order {order} about twenty minutes ago and just realised it is going to my old address. Please "
            "cancel it, or change the address to 4410 Linden Ave, Apt 3B, Boise ID 83706. Thank you!!",
            ">Hi {first}, caught it in time. The address is changed to 4410 Linden Ave, Apt 3B, and you will get a new "
            "confirmation in a few minutes. Nothing else changes.\n\n{agent}",
        ),
        brands=GOODS,
        topic="Shipping",
        tags=("address change",),
        end="closed",
    ),
    Story(
        "Refund still not here",
        (
            '<On the 3rd you wrote that my refund of ${amount} for order {order} was "on its way". It is not on my '
            "card. I have now spent more time on this than the {product} was worth. When will I get my money?",
            "#Refund went to the card that expired in June. Finance has to reissue it by check.",
            ">Hi {first},\n\nthe refund was sent to a card that has since expired, and came back to us. I've asked "
            "our finance team to send a check to your billing address; it leaves on Friday. I'll write to you when it "
            "is in the post, so you won't have to ask again.\n\n{agent}",
        ),
        topic="Returns & refunds",
        tags=("refund", "escalated"),
        end="snoozed",
        priority=True,
        files=Filed(
            "refund",
            "Reissue by check: the card has expired",
            {
                "order": "{order}",
                "reason": "Other",
                "action": "Refund in full",
                "what": "Sent to a card that expired in June, and came back.",
            },
            outcome={},
        ),
    ),
    Story(
        "Do you ship to Canada?",
        (
            "<Bonjour! Do you ship the {product} to Montréal, and will I have to pay duty when it arrives?",
            ">Hi {first}, we do: $14.90 flat, 6 to 9 working days. Duty and taxes are added at the checkout, so the "
            "courier won't ask for anything.\n\n{agent}",
            "<Perfect, just ordered two. Merci!",
        ),
        brands=GOODS,
        topic="Shipping",
        end="closed",
    ),
    Story(
        "Coupon WELCOME15 doesn't work",
        (
            '<It says "this code is not valid for the items in your cart" but all I have in there is the {product}. '
            "The email said 15% off everything.",
            ">Hi {first}, the {product} is already on sale, and the code doesn't add to that. The sale price is the "
            "better one by $4. I've put a free shipping credit on your account for the trouble.\n\n{agent}",
        ),
        topic="Billing",
        tags=("coupon",),
    ),
    Story(
        "Return request, order {order}",
        (
            "<Dear Sir or Madam,\n\nI would like to return the {product}. It has not been opened. I believe your "
            "website states a period of sixty days. Kindly let me know the procedure and whether the postage is borne "
            "by you or by myself.\n\nYours faithfully,\n{name}",
        ),
        brands=GOODS,
        topic="Returns & refunds",
        tags=("return",),
    ),
    Story(
        "Re: Your order has shipped",
        (
            "<it says delivered yesterday 2:14 pm but there is nothing on my porch and my neighbor doesnt have it "
            "either. we have cameras, nobody came\n--\n> Good news! Your {brand} order {order} is on its way.\n> "
            "Tracking number: {tracking}",
            "#Carrier GPS shows delivery two streets away. Opened trace {tracking}.",
            ">Hi {first}, I believe you: the driver's GPS point is two streets from your house. I've opened a trace "
            "with the carrier. If it is not found by Wednesday I'll send a new one, no questions.\n\n{agent}",
            "~Thank you for your message. I am out of the office until Monday with limited access to email. For "
            "anything urgent please contact the front desk.",
        ),
        brands=GOODS,
        topic="Order status",
        tags=("lost parcel",),
        end="snoozed",
        files=Filed(
            "fulfillment",
            "Trace {tracking}",
            {
                "order": "{order}",
                "issue": "Lost",
                "tracking": "{tracking}",
                "what": "The carrier's GPS shows it two streets away.",
            },
            outcome={"outcome": "Found"},
        ),
    ),
    Story(
        "Invoice for our records",
        (
            "<Could you please send a proper invoice for order {order} with our company name (Harrow & Finch LLC) and "
            "tax id on it? Accounting won't accept the confirmation email.",
            ">Hi {first}, done: the invoice is in your account under Orders, with the company name. Let me know if "
            "the tax id needs to appear somewhere else.\n\n{agent}",
        ),
        topic="Billing",
        end="closed",
    ),
    Story(
        "Your replacement is on its way",
        (
            ">Hi {first},\n\nyou told us by phone that the {product} never arrived. I've sent a new one today, with "
            "signature on delivery: {tracking}. If that one gives you trouble too, just answer this mail and it comes "
            "straight to me.\n\n{agent}",
            "<It came today! Thank you for following up, most companies don't.",
        ),
        brands=GOODS,
        topic="Shipping",
        tags=("replacement",),
    ),
    Story(
        "Unauthorized charge on my account",
        (
            '<There is a charge of ${amount} from "{brand}" on my statement. I have never heard of you. If this is '
            "not reversed today I am calling my bank and reporting it as fraud.",
            "#Order {order} is under another email with the same card and address, a spouse's? We can't tell them that.",
        ),
        brands=SHOP,
        topic="Billing",
        tags=("dispute risk",),
        priority=True,
    ),
)
