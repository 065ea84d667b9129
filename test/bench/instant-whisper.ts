import { createServer } from 'node:http';

/**
 * A Whisper endpoint that answers at once with one segment, so that the bench measures our pipeline
 * and nothing else. Leaves out: keys, queues, job ids and listening to the audio.
 */
const ANSWER = JSON.stringify({
  id: 'sync-instant',
  status: 'COMPLETED',
  output: {
    segments: [
      {
        id: 0,
        seek: 0,
        start: 0,
        end: 4.5,
        text: ' We decided to release on Tuesday.',
        tokens: [],
        temperature: 0,
        avg_logprob: -0.2,
        compression_ratio: 1.1,
        no_speech_prob: 0.01,
      },
    ],
    detected_language: 'en',
    transcription: 'We decided to release on Tuesday.',
    translation: null,
    device: 'none',
    model: 'instant',
    word_timestamps: [],
  },
});

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(ANSWER);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.argv[2]), '127.0.0.1');
