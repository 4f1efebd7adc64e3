"""How what many depend on is changed: rules, service level policies, macros. Read in this order:

model    what an artifact is, its states, and what may be done to it by whom; pure
stages   who has which version while one is rolled out; pure
diff     two versions held against each other; pure
documents how it lies in MongoDB
store    artifacts with all their versions, revisions of what is in force, and what happened
rights   who may read, write and publish
routes   all that over HTTP, the same for every kind
"""
