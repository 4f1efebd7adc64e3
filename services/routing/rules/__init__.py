"""The rules engine, a pure tree. Read in this order:

    schema    what a rule is, as people write it
    facts     what is known when a rule looks
    fields    what can be asked about
    own       the same for what the desk's admins made
    values    how what was seen is laid out for the operators
    operators how it can be asked, by type of field
    compile   a rule checked and made quick, or refused with the place named
    evaluate  the rules run over one event, and the explanation of what they said

Nothing here reads a clock, a database or a network, and nothing here is applied: a decision comes out.
"""
