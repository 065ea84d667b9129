import { z } from 'zod';
import { pathId } from './api';
import { lineSchema } from './bot-wishes';

const moment = z.iso.datetime();

export const participantPathSchema = z.strictObject({ id: pathId, participantId: pathId });

export const renameParticipantSchema = z.strictObject({
  name: lineSchema(200)
    .nullable()
    .describe('Stays, whatever the platform says later; null takes the platform’s name again'),
});

/** Somebody who was in the call, as the meeting's owner sees them. */
export const participantViewSchema = z
  .object({
    id: z.int().describe('The id that `speaker` of a segment has'),
    name: z.string().nullable(),
    platformName: z.string().nullable().describe('What the platform calls them'),
    isNameGiven: z.boolean().describe('Whether `name` was given here'),
    role: z.enum(['bot', 'host', 'guest']),
    joinedAt: moment.nullable(),
    leftAt: moment.nullable(),
    talkMs: z.int().describe('How long they spoke, summed over their segments'),
    segments: z.int(),
  })
  .meta({ id: 'Participant' });
export type ParticipantView = z.infer<typeof participantViewSchema>;

export const participantListSchema = z.object({
  participants: z.array(participantViewSchema).describe('Whoever spoke most comes first'),
  unknown: z
    .object({ talkMs: z.int(), segments: z.int() })
    .describe('What was said by people nobody could tell'),
});
export type ParticipantList = z.infer<typeof participantListSchema>;
