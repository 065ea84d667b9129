-- CreateTable
CREATE TABLE "audit_entries" (
    "id" SERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "action" TEXT NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "actor_id" TEXT NOT NULL,
    "user_id" INTEGER,
    "meeting_id" INTEGER,
    "address" TEXT,
    "request_id" UUID NOT NULL,
    "status" INTEGER,

    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "audit_entries_user_id_id_idx" ON "audit_entries"("user_id", "id" DESC);

-- CreateIndex
CREATE INDEX "audit_entries_meeting_id_id_idx" ON "audit_entries"("meeting_id", "id" DESC);

-- CreateIndex
CREATE INDEX "audit_entries_at_idx" ON "audit_entries"("at");

-- Rules that Prisma cannot say.
ALTER TABLE "audit_entries"
  ADD CONSTRAINT "audit_entries_actor_kind_check" CHECK ("actor_kind" IN ('session', 'api_key', 'admin', 'clerk', 'share'));
