import { createRoles } from "#db/roles.ts";
import { databaseUrls, env } from "#lib/core/env.ts";

/** `npm run database:roles` creates the roles and the database that the environment names. */
const { app, migration } = databaseUrls();
const { DATABASE_ADMIN_URL } = env();
if (DATABASE_ADMIN_URL === undefined) throw new Error("DATABASE_ADMIN_URL is missing.");
await createRoles(DATABASE_ADMIN_URL, { migration, app });
process.stdout.write("The roles and the database exist.\n");
