import { defineConfig } from "drizzle-kit";

/** drizzle-kit reads this by its name; it generates SQL from the schema and never touches a database. */
export default defineConfig({
  dialect: "postgresql",
  schema: "./db/schema/*.ts",
  out: "./drizzle",
  breakpoints: true,
});
