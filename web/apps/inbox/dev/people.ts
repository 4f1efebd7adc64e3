/** Who and what the desk in memory knows. */
import type { Agent, Brand, Me, Role, Team } from "../src/api/people.ts";

const brand = (brand_id: string, name: string, color: string, domain: string): Brand => ({
  brand_id,
  seq: 1,
  name,
  color,
  time_zone: "America/Los_Angeles",
  addresses: [{ address: `support@${domain}.example`, name }],
  lines: [],
  topics: ["Orders", "Refunds", "Product question", "Shipping"],
  site: "",
  messenger: { greeting: "Hello! How can we help?", answers_in: "We usually answer within minutes" },
  spam: { enabled: true, threshold: 0.9, allowed: [], blocked: [] },
  active: true,
});

export const brands: Brand[] = [
  brand("ava-janes-kitchen", "Ava Jane’s Kitchen", "#c2410c", "avajaneskitchen"),
  brand("bright-naturals", "Bright Naturals", "#65a30d", "brightnaturals"),
  brand("earth-echo", "Earth Echo", "#0d9488", "earthecho"),
  brand("mesa-cookware", "Mesa Cookware", "#b91c1c", "mesacookware"),
  brand("paleo-hacks", "Paleo Hacks", "#d97706", "paleohacks"),
  brand("paleo-plan", "Paleo Plan", "#7c3aed", "paleoplan"),
  brand("physiotru", "PhysioTru", "#2563eb", "physiotru"),
];

const agent = (agent_id: string, name: string, team_ids: string[], role_id = "agent"): Agent => ({
  agent_id,
  seq: 1,
  name,
  email: `${agent_id}@switchboard.example`,
  role_id,
  team_ids,
  brand_ids: [],
  capacity: 20,
  capacities: {},
  languages: [],
  skills: [],
  active: true,
});

export const agents: Agent[] = [
  agent("maya", "Maya Chen", ["email-support"]),
  agent("jonas", "Jonas Weber", ["email-support"]),
  agent("priya", "Priya Nair", ["email-support"]),
  agent("leo", "Leo Martins", ["phone-support"]),
  agent("lead", "Dana Okafor", ["email-support", "phone-support"], "lead"),
];

export const teams: Team[] = [
  {
    team_id: "email-support",
    seq: 1,
    name: "Email Support",
    channels: ["email", "chat"],
    languages: [],
    skills: [],
  },
  { team_id: "phone-support", seq: 1, name: "Phone Support", channels: ["phone"], languages: [], skills: [] },
];

export const role: Role = {
  role_id: "agent",
  seq: 1,
  name: "Agent",
  permissions: ["conversations.read", "conversations.reply", "conversations.edit"],
  channels: [],
  own_teams_only: false,
  second_factor: false,
};

export const me: Me = { agent: agents[0] as Agent, role, permissions: role.permissions };

export const PEOPLE = [
  "Rosa Lindqvist",
  "Tom Hale",
  "Aisha Karim",
  "Ben Okonkwo",
  "Clara Mendes",
  "Yuki Tanaka",
  "Ines Duarte",
  "Paul Becker",
  "Grace Liu",
  "Omar Farouk",
  "Nina Petrova",
  "Sam Whitaker",
];
export const MATTERS: [string, string][] = [
  [
    "Where is my order #10482?",
    "Hi, I ordered the cacao blend nine days ago and the tracking hasn’t moved since Tuesday. Could you check where it is? I was hoping to have it before the weekend.",
  ],
  [
    "Refund for the damaged skillet",
    "The skillet arrived with a crack along the handle. I attached two photos. I’d rather have my money back than a replacement, please.",
  ],
  [
    "Change my shipping address",
    "We’re moving on Friday. Can my next box go to 214 Alder Street, Portland instead? The subscription page only shows the old one.",
  ],
  [
    "Is the collagen gluten free?",
    "My daughter has coeliac disease and the label doesn’t say. Is it made in a shared facility?",
  ],
  [
    "Cancel my subscription",
    "I’ve got more than I can use right now. Please cancel before the next charge on the 14th, and confirm by email.",
  ],
  [
    "Charged twice this month",
    "My card shows two charges of $49.90 on the same day. One of them must be a mistake. https://bank.example/statement shows both.",
  ],
  [
    "Meal plan won’t open on my phone",
    "The PDF for week three stays blank on my iPhone. Weeks one and two are fine.",
  ],
  [
    "Wholesale enquiry for our café",
    "We run two cafés in Leeds and would love to stock your superfood blend. Do you have trade prices?",
  ],
];
