-- AlterTable
ALTER TABLE "transcriptions" ADD COLUMN     "tx_id" xid8 NOT NULL DEFAULT pg_current_xact_id();

-- AlterTable
ALTER TABLE "meeting_events" ADD COLUMN     "tx_id" xid8 NOT NULL DEFAULT pg_current_xact_id();

-- CreateTable
CREATE TABLE "webhook_endpoints" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "meeting_id" INTEGER,
    "url" TEXT NOT NULL,
    "description" TEXT,
    "event_types" JSONB,
    "secret_encrypted" TEXT NOT NULL,
    "old_secret_encrypted" TEXT,
    "old_secret_until" TIMESTAMPTZ(3),
    "is_enabled" BOOLEAN NOT NULL DEFAULT true,
    "disabled_reason" TEXT,
    "disabled_at" TIMESTAMPTZ(3),
    "failing_since" TIMESTAMPTZ(3),
    "last_success_at" TIMESTAMPTZ(3),
    "paused_until" TIMESTAMPTZ(3),
    "lease_token" UUID,
    "leased_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhook_endpoints_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_positions" (
    "id" SERIAL NOT NULL,
    "endpoint_id" INTEGER NOT NULL,
    "meeting_id" INTEGER NOT NULL,
    "until_seq" INTEGER NOT NULL DEFAULT 2147483647,
    "after_seq" INTEGER NOT NULL,
    "through_seq" INTEGER,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "failing_since" TIMESTAMPTZ(3),
    "next_attempt_at" TIMESTAMPTZ(3),
    "served_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_positions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_deliveries" (
    "id" SERIAL NOT NULL,
    "endpoint_id" INTEGER NOT NULL,
    "meeting_id" INTEGER,
    "message_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "from_seq" INTEGER,
    "through_seq" INTEGER,
    "attempt" INTEGER NOT NULL,
    "outcome" TEXT NOT NULL,
    "request_head" JSONB NOT NULL,
    "status" INTEGER,
    "error" TEXT,
    "response_head" TEXT,
    "latency_ms" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_watch" (
    "id" INTEGER NOT NULL,
    "seen" xid8 NOT NULL,

    CONSTRAINT "webhook_watch_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "transcriptions_meeting_id_tx_id_seq_idx" ON "transcriptions"("meeting_id", "tx_id", "seq");

-- CreateIndex
CREATE INDEX "transcriptions_tx_id_idx" ON "transcriptions"("tx_id");

-- CreateIndex
CREATE INDEX "meeting_events_meeting_id_tx_id_seq_idx" ON "meeting_events"("meeting_id", "tx_id", "seq");

-- CreateIndex
CREATE INDEX "meeting_events_tx_id_idx" ON "meeting_events"("tx_id");

-- CreateIndex
CREATE INDEX "webhook_endpoints_user_id_id_idx" ON "webhook_endpoints"("user_id", "id" DESC);

-- CreateIndex
CREATE INDEX "webhook_endpoints_meeting_id_idx" ON "webhook_endpoints"("meeting_id");

-- CreateIndex
CREATE INDEX "webhook_positions_meeting_id_idx" ON "webhook_positions"("meeting_id");

-- CreateIndex
CREATE INDEX "webhook_positions_next_attempt_at_idx" ON "webhook_positions"("next_attempt_at");

-- CreateIndex
CREATE UNIQUE INDEX "webhook_positions_endpoint_id_meeting_id_until_seq_key" ON "webhook_positions"("endpoint_id", "meeting_id", "until_seq");

-- CreateIndex
CREATE INDEX "webhook_deliveries_endpoint_id_id_idx" ON "webhook_deliveries"("endpoint_id", "id" DESC);

-- CreateIndex
CREATE INDEX "webhook_deliveries_meeting_id_idx" ON "webhook_deliveries"("meeting_id");

-- CreateIndex
CREATE INDEX "webhook_deliveries_created_at_idx" ON "webhook_deliveries"("created_at");

-- AddForeignKey
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_meeting_id_fkey" FOREIGN KEY ("meeting_id") REFERENCES "meetings"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_positions" ADD CONSTRAINT "webhook_positions_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "webhook_endpoints"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_positions" ADD CONSTRAINT "webhook_positions_meeting_id_fkey" FOREIGN KEY ("meeting_id") REFERENCES "meetings"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "webhook_endpoints"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_meeting_id_fkey" FOREIGN KEY ("meeting_id") REFERENCES "meetings"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Rules that Prisma cannot say.
ALTER TABLE "webhook_endpoints"
  ADD CONSTRAINT "webhook_endpoints_disabled_reason_check" CHECK ("disabled_reason" IN ('by_user', 'gone', 'failing')),
  ADD CONSTRAINT "webhook_endpoints_enabled_check" CHECK ("is_enabled" = ("disabled_reason" IS NULL));
ALTER TABLE "webhook_positions"
  ADD CONSTRAINT "webhook_positions_through_seq_check" CHECK ("through_seq" > "after_seq");
ALTER TABLE "webhook_deliveries"
  ADD CONSTRAINT "webhook_deliveries_outcome_check" CHECK ("outcome" IN ('delivered', 'failed', 'dead_lettered'));
-- What the platform does by itself, as disabling an endpoint that has failed for days.
ALTER TABLE "audit_entries" DROP CONSTRAINT "audit_entries_actor_kind_check";
ALTER TABLE "audit_entries"
  ADD CONSTRAINT "audit_entries_actor_kind_check" CHECK ("actor_kind" IN ('session', 'api_key', 'admin', 'clerk', 'share', 'system'));
-- Reconciliation looks from here on.
INSERT INTO "webhook_watch" ("id", "seen") VALUES (1, pg_current_xact_id());
