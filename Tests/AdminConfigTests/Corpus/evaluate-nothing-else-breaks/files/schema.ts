import { pgTable, text, timestamp } from "drizzle-orm/pg-core";
export const users = pgTable("users", { name: text("name").notNull(), created: timestamp("created").defaultNow() });
