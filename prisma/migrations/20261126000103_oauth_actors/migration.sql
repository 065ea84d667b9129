-- Rules that Prisma cannot say.
ALTER TABLE "audit_entries" DROP CONSTRAINT "audit_entries_actor_kind_check";
ALTER TABLE "audit_entries"
  ADD CONSTRAINT "audit_entries_actor_kind_check" CHECK ("actor_kind" IN ('session', 'api_key', 'oauth', 'admin', 'clerk', 'share', 'system'));
