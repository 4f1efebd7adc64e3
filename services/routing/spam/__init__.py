"""How likely a customer's message is spam (CH5), a pure tree. Read in this order:

    words      a message taken apart: its words, and a print by which the same text is known again
    gibberish  text that is no language
    links      where links lead, and whether they say so
    senders    the brand's lists, and what is known of a sender
    bayes      the brand's filter, trained by what people marked
    score      all of it together: a score from 0 to 1, and its reasons in words

Nothing here reads a database or marks anything: a score comes out, for rules and for the brand's threshold.
"""
