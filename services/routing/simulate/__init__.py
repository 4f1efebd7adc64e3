"""What a draft would have done (RT7), a pure tree. Read in this order:

    drafts   the rules as they would be: those in force with some changed, added or retired
    job      what a simulation is told: both sets, and what the desk knows
    compare  both sets run over one event of the past, and whether it would have gone otherwise
    report   the events of many conversations added up, and examples picked that differ from each other

Nothing here reads a topic or a database, and nothing here is applied.

What is not simulated:
- Agents' seats. An assignment is its team, or the one agent that the rule names; which member of the team takes it,
  and who waits, depends on who was there.
- What would have followed. Each event is looked at as it was recorded, with the conversation as it stood after it: a
  tag that the draft would have added does not show on the next event, and what a rule led to at the time is still
  there. Of the chain that led to an event only its last rule is known, and that one does not act on it again.
- The customers of then: rules see those of now. A message's spam score is that of then.
- What went to Spam by its score alone: that is the same with any rules.
- Time. A rule that waits, and one about time, is asked by nothing here; a rule that is rolled out to a part of the
  conversations is taken as everybody's. The report names those of them that were drafted or retired.
- Who was there: a condition on it holds nothing here, which the report says of rules that were drafted or retired; a
  value taken from it is empty.
- Working hours of then: rules see those that the calendars and teams have now, at the time of the event.
- What came before the stretch that was read (`report`): when the customer or an agent last wrote, when the status last
  changed, and which it was before the first event there, is not known. Nor is what tickets refused at the time.
"""
