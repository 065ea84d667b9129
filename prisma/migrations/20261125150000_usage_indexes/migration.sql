-- CreateIndex
CREATE INDEX "audio_chunks_meeting_id_acknowledged_at_idx" ON "audio_chunks"("meeting_id", "acknowledged_at");

-- CreateIndex
CREATE INDEX "audio_chunks_meeting_id_done_at_idx" ON "audio_chunks"("meeting_id", "done_at");

-- CreateIndex
CREATE INDEX "audit_entries_actor_id_id_idx" ON "audit_entries"("actor_id", "id" DESC);

-- CreateIndex
CREATE INDEX "audit_entries_action_id_idx" ON "audit_entries"("action", "id" DESC);
