/** Something said in the meeting that pictures show: who, at which second, and what. */
export type Line = readonly [who: keyof typeof PEOPLE | null, second: number, text: string];

export const PEOPLE = {
  maya: 'Maya Okafor',
  jonas: 'Jonas Lindqvist',
  priya: 'Priya Raghunathan',
  tom: 'Tom Bauer',
} as const;

/** Nobody heard what was said between these seconds: a bot crashed, and the next one came. */
export const UNHEARD = [301, 328] as const;
/** The words of this stretch could not be had. */
export const UNREADABLE = [379, 387] as const;

export const LINES: readonly Line[] = [
  ['maya', 4, 'Good morning everyone. Shall we start with the pricing page?'],
  ['maya', 9, 'I would like to leave this call with a date for it.'],
  [
    'jonas',
    15,
    'The new page is finished. We tested it with twelve customers last week, and ten of them found the right plan without help.',
  ],
  ['jonas', 24, 'The other two were looking for a price per seat, which we do not have.'],
  [
    'priya',
    31,
    'Support sees the same. About one question in five is still “what does a seat cost”, so a line about that would save us a lot of mail.',
  ],
  ['maya', 42, 'Can we put that line on the page before it goes out?'],
  ['jonas', 46, 'Yes, it is half a day. I can have it on Wednesday.'],
  ['tom', 52, 'Is the German translation ready as well?'],
  ['jonas', 56, 'It is, but nobody in the Berlin office has read it yet.'],
  ['tom', 61, 'I will read it tomorrow and send you what I find.'],
  [
    'maya',
    68,
    'Good. Then let us decide: we release the new pricing page on Monday the ninth, in English and German together.',
  ],
  ['priya', 79, 'Agreed. I will tell the support team and update the help pages on Friday.'],
  ['jonas', 86, 'Monday works for me, as long as nobody touches the checkout on Friday evening.'],
  ['maya', 94, 'Nobody touches the checkout on Friday evening.'],
  [
    'maya',
    101,
    'Next one: the launch in Berlin. Tom, how far are we with the room and with the speakers?',
  ],
  [
    'tom',
    110,
    'The room is booked for the nineteenth, for a hundred and twenty people. We have three of four speakers. The fourth wants to know by Thursday whether we pay the journey.',
  ],
  ['maya', 126, 'Do we have budget for that?'],
  [
    'tom',
    129,
    'There is two thousand left in the events budget. The journey is about four hundred.',
  ],
  ['maya', 137, 'Then please say yes to her today.'],
  ['tom', 141, 'I will.'],
  [
    'priya',
    146,
    'One worry about the launch: last time we had no one at the door who could answer questions about data protection, and that is the first thing that people in Berlin ask.',
  ],
  ['jonas', 159, 'I could write a one page answer. Where is it stored, who can read it, how long.'],
  ['priya', 167, 'That would be perfect. Could legal have a look at it before it is printed?'],
  ['jonas', 173, 'I will send it to them by the end of the week.'],
  ['maya', 180, 'Who asks legal whether they have time at all?'],
  ['priya', 184, 'I can ask Helena.'],
  [
    'maya',
    190,
    'Thank you. And we decided last time that the demo runs on the practice room, not on a live call. Does that still hold?',
  ],
  ['tom', 201, 'Yes. The network there is not good enough for a live call with strangers.'],
  ['jonas', 207, 'The practice room works without any network, so that is safe.'],
  [null, 214, 'Sorry, I just joined. Which point are we at?'],
  ['maya', 219, 'Berlin, the demo. We are nearly done with it.'],
  ['maya', 226, 'Last point: the numbers of the quarter.'],
  [
    'priya',
    231,
    'Sign-ups are up eleven per cent. The share of people who start a second meeting within a week went from thirty-eight to forty-six per cent, which is the best we have ever had.',
  ],
  [
    'jonas',
    246,
    'That is the link in the summary mail, I think. It came out in the first week of May.',
  ],
  ['priya', 254, 'I think so too, but I would not promise it. We changed two things that week.'],
  ['maya', 262, 'What would we have to do to know?'],
  [
    'priya',
    265,
    'Send the mail without the link to one in ten new people, for three weeks. I can set that up.',
  ],
  ['maya', 274, 'Do it. But tell support before, so that nobody wonders.'],
  ['tom', 281, 'Are we allowed to count who clicks at all, in Germany?'],
  [
    'priya',
    286,
    'We do not count clicks. We only count whether a second meeting happens, and that stands in our own database anyway.',
  ],
  ['tom', 297, 'Then I am happy.'],
  [
    'jonas',
    331,
    'Can you hear me again? The connection was gone for half a minute. I was saying that the importer still chokes on files of more than two gigabytes.',
  ],
  ['maya', 344, 'Is that a thing for this quarter?'],
  [
    'jonas',
    348,
    'I would rather do it now. Three of the customers in the test asked for it, and it is two days.',
  ],
  ['maya', 357, 'Put it after the pricing page, then.'],
  ['jonas', 362, 'Good.'],
  ['priya', 367, 'Before we go: who writes the notes for the people who are away?'],
  ['maya', 373, 'The bot does, and I will read over it.'],
  ['tom', 391, 'Sorry, I was muted. Do we meet again on Thursday or next week?'],
  ['maya', 398, 'Next week, same time. Have a good day, everyone.'],
  ['priya', 404, 'Thank you, bye.'],
];

/** A statement of the analysis, and the seconds at which it was said. */
interface Claim {
  text: string;
  at: readonly number[];
}

export const ANALYSIS: {
  summary: Claim[];
  decisions: Claim[];
  actionItems: (Claim & { who: string | null; due: string | null })[];
  topics: Claim[];
  openQuestions: Claim[];
} = {
  summary: [
    {
      text: 'The new pricing page is finished; ten of twelve customers in the test found the right plan without help. A line about the price per seat is added before it goes out.',
      at: [15, 42, 46],
    },
    {
      text: 'The launch in Berlin is on the nineteenth with room for 120 people; three of four speakers have agreed.',
      at: [110],
    },
    {
      text: 'Sign-ups rose by eleven per cent, and 46 per cent now start a second meeting within a week.',
      at: [231],
    },
  ],
  decisions: [
    {
      text: 'Release the new pricing page on Monday the ninth, in English and German together.',
      at: [68],
    },
    { text: 'The demo in Berlin runs on the practice room, not on a live call.', at: [190, 201] },
    { text: 'Nobody touches the checkout on Friday evening.', at: [94] },
  ],
  actionItems: [
    {
      text: 'Add the line about the price per seat to the page',
      who: 'Jonas Lindqvist',
      due: 'Wednesday',
      at: [46],
    },
    { text: 'Read the German translation', who: 'Tom Bauer', due: 'tomorrow', at: [61] },
    {
      text: 'Tell the support team and update the help pages',
      who: 'Priya Raghunathan',
      due: 'Friday',
      at: [79],
    },
    {
      text: 'Agree to pay the fourth speaker’s journey',
      who: 'Tom Bauer',
      due: 'today',
      at: [137],
    },
    {
      text: 'Send one in ten new people the mail without the link, for three weeks',
      who: 'Priya Raghunathan',
      due: null,
      at: [265],
    },
  ],
  topics: [
    { text: 'Pricing page', at: [4] },
    { text: 'Launch in Berlin', at: [101] },
    { text: 'Numbers of the quarter', at: [226] },
  ],
  openQuestions: [
    { text: 'Does legal have time to read the page about data protection?', at: [180] },
    { text: 'Was it the link in the summary mail that brought people back?', at: [246, 254] },
  ],
};
