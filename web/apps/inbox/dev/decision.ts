/** Why the mock's rule acted. */
export const decision = {
  id: "d1",
  at: "",
  trigger: { event: "ConversationStarted", seq: 1 },
  actions: [],
  waiting: null,
  rules: [
    {
      rule_id: "r1",
      name: "VIP first",
      version: 3,
      matched: true,
      stopped: false,
      conditions: {
        place: "if",
        joined: "all",
        held: true,
        children: [
          {
            place: "if.all.0",
            field: "message.subject",
            operator: "contains",
            value: "order",
            seen: "Where is my order #10482?",
            held: true,
          },
          {
            place: "if.all.1",
            field: "brand",
            operator: "is",
            value: "paleo-hacks",
            seen: "paleo-hacks",
            held: true,
          },
        ],
      },
    },
    {
      rule_id: "r2",
      name: "Refunds to Dana",
      version: 1,
      matched: false,
      stopped: false,
      conditions: {
        place: "if",
        joined: "any",
        held: false,
        children: [
          {
            place: "if.any.0",
            field: "message.text",
            operator: "contains",
            value: "refund",
            seen: "Hi, I ordered the cacao blend nine days ago",
            held: false,
          },
        ],
      },
    },
  ],
};
