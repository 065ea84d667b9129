-- When a bot began with a command: what was begun is not done again by a later attempt.
ALTER TABLE "bot_commands" ADD COLUMN "begun_at" TIMESTAMPTZ(3);
