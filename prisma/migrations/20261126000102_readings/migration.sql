-- AlterTable
ALTER TABLE "audit_entries" ADD COLUMN "reading_hash" BYTEA;

-- CreateIndex
CREATE UNIQUE INDEX "audit_entries_reading_hash_key" ON "audit_entries"("reading_hash");
