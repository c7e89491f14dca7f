ALTER TABLE "users" DROP COLUMN "locale", DROP COLUMN "browser_locale";
