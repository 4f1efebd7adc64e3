"""The rules engine, a pure tree. Read in this order:

    schema    what a rule is, as people write it
    fields    what can be asked about
    operators how it can be asked, by type of field
    compile   a rule checked and made quick, or refused with the place named
    evaluate  the rules run over one event, and the explanation of what they said

Nothing here reads a clock, a database or a network, and nothing here is applied: a decision comes out.
"""
