/** The seven demo shops: names and colours as in the desk's demo data, products as such shops sell them. */

import type { Art } from "./art.ts";

export interface Product {
  name: string;
  note: string;
  price: string;
  art: Art;
  tag?: string;
}

export interface Shop {
  name: string;
  color: string;
  headline: string;
  text: string;
  products: readonly Product[];
}

export const SHOPS: Record<string, Shop> = {
  "paleo-hacks": {
    name: "Paleo Hacks",
    color: "#b91c1c",
    headline: "Real food, less guesswork.",
    text: "Pantry staples without grains, refined sugar or seed oils, packed in Oregon and at your door in four days.",
    products: [
      {
        name: "Slow-Roasted Almond Butter",
        note: "340 g · one ingredient",
        price: "$14.50",
        art: "jar",
        tag: "Bestseller",
      },
      { name: "Grass-Fed Beef Sticks", note: "Box of 12 · smoked over hickory", price: "$29.00", art: "box" },
      { name: "Cassava Flour", note: "1 kg · bakes like wheat", price: "$11.90", art: "pouch" },
      { name: "Avocado Oil, Cold-Pressed", note: "500 ml · for high heat", price: "$17.20", art: "bottle" },
      {
        name: "30-Day Paleo Reset",
        note: "Cookbook · 120 recipes",
        price: "$24.00",
        art: "book",
        tag: "New edition",
      },
      { name: "Wild Berry Trail Mix", note: "450 g · no added sugar", price: "$12.80", art: "pouch" },
    ],
  },
  "ava-janes-kitchen": {
    name: "Ava Jane's Kitchen",
    color: "#c2410c",
    headline: "Salt from the sea, and nothing else.",
    text: "Hand-harvested in Colima, dried by the sun, ground the week it ships.",
    products: [
      {
        name: "Colima Sea Salt",
        note: "454 g · fine or coarse",
        price: "$16.00",
        art: "jar",
        tag: "Bestseller",
      },
      { name: "Smoked Chipotle Rub", note: "180 g", price: "$12.50", art: "pouch" },
      { name: "Single-Estate Olive Oil", note: "500 ml · early harvest", price: "$27.00", art: "bottle" },
    ],
  },
  "bright-naturals": {
    name: "Bright Naturals",
    color: "#ca8a04",
    headline: "Feel good, simply.",
    text: "Vitamins and botanicals with short labels, tested batch by batch.",
    products: [
      { name: "Daily Vitamin D3", note: "60 capsules · 2,000 IU", price: "$13.00", art: "bottle" },
      { name: "Turmeric & Ginger", note: "90 capsules", price: "$19.00", art: "jar", tag: "Bestseller" },
      { name: "Collagen Peptides", note: "500 g · unflavored", price: "$32.00", art: "pouch" },
    ],
  },
  "earth-echo": {
    name: "Earth Echo",
    color: "#15803d",
    headline: "Cacao that does you good.",
    text: "Superfood blends from small farms; a tree is planted for every pouch.",
    products: [
      { name: "Cacao Bliss", note: "30 servings", price: "$49.00", art: "pouch", tag: "Bestseller" },
      { name: "Island Greens", note: "30 servings · coconut", price: "$44.00", art: "jar" },
      { name: "Golden Ritual", note: "20 servings", price: "$36.00", art: "box" },
    ],
  },
  "mesa-cookware": {
    name: "Mesa Cookware",
    color: "#475569",
    headline: "One good pan.",
    text: "Forged in small runs, pre-seasoned with flax oil, guaranteed for life.",
    products: [
      {
        name: "Carbon Steel Skillet",
        note: "28 cm · 1.7 kg",
        price: "$89.00",
        art: "pan",
        tag: "Bestseller",
      },
      { name: "Sauté Pan with Lid", note: "3.2 l", price: "$129.00", art: "pan" },
      { name: "The Care Kit", note: "Flax oil, scraper, cloth", price: "$24.00", art: "box" },
    ],
  },
  "paleo-plan": {
    name: "Paleo Plan",
    color: "#0f766e",
    headline: "Dinner, decided.",
    text: "Weekly meal plans with shopping lists, for two, for four, for one with leftovers.",
    products: [
      {
        name: "The Weekly Plan",
        note: "Monthly · cancel any time",
        price: "$9.99",
        art: "book",
        tag: "Bestseller",
      },
      { name: "Slow Cooker Paleo", note: "Cookbook · 80 recipes", price: "$22.00", art: "book" },
      { name: "Starter Pantry", note: "Nine staples", price: "$64.00", art: "box" },
    ],
  },
  physiotru: {
    name: "PhysioTru",
    color: "#1d4ed8",
    headline: "Move well. For longer.",
    text: "Formulas made with physiotherapists, third-party tested, posted within a day.",
    products: [
      { name: "Joint Complex", note: "120 capsules", price: "$39.00", art: "bottle", tag: "Bestseller" },
      { name: "Magnesium Balm", note: "100 ml", price: "$18.00", art: "jar" },
      { name: "Resistance Band Set", note: "Five strengths", price: "$26.00", art: "box" },
    ],
  },
};
