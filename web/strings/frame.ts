/** Words of the frame: navigation, palette, sign-in, error pages. */
export const frame = {
  product: 'Meetings',
  description: 'Start a bot, watch the words arrive, find later what was said.',
  skipToContent: 'Skip to content',
  navigation: 'Main',
  openMenu: 'Open the menu',
  /** The areas; here, so that a page loads the words of its own area alone. */
  nav: {
    meetings: 'Meetings',
    record: 'Record',
    schedules: 'Schedules',
    search: 'Search',
    settings: 'Settings',
    admin: 'Administration',
  },
  /** What is recorded or sent, said on every page. */
  recordMark: {
    recording: 'Recording',
    paused: 'Recording paused',
    interrupted: 'Recording interrupted',
    finishing: 'Finishing',
    unsent: 'Sound not sent',
    uploading: (count: number) => (count === 1 ? 'Uploading 1 file' : `Uploading ${count} files`),
  },
  palette: {
    open: 'Search or go to…',
    key: 'Ctrl K',
    macKey: '⌘ K',
    keys: 'Keys:',
    label: 'Command palette',
    placeholder: 'Type a command, a title, or paste a meeting link',
    empty: 'Nothing found. Paste a meeting link to start a bot.',
    goTo: 'Go to',
    do: 'Do',
    meetings: 'Meetings',
    newMeeting: 'New meeting',
    searchFor: (text: string) => `Search for “${text}” in all that was said`,
    startBot: (link: string) => `Start a bot in ${link}`,
    signOut: 'Sign out',
  },
  theme: {
    label: 'Theme',
    light: 'Light',
    dark: 'Dark',
    system: 'As the system',
    change: (name: string) => `Theme: ${name}`,
  },
  account: {
    menu: 'Account',
    signOut: 'Sign out',
    unnamed: 'Signed in',
  },
  offline: {
    lost: 'The server cannot be reached. What you see may be old; this heals by itself.',
    noNetwork: 'You are offline. This page goes on as soon as you are back.',
  },
  signIn: {
    title: 'Sign in',
    local:
      'This installation runs on one machine and trusts whoever uses it. No password is asked, no e-mail is sent.',
    email: 'E-mail',
    emailMissing: 'Enter an e-mail address such as maya@example.org.',
    name: 'Name',
    nameHint: 'Optional. Bots introduce themselves with it.',
    submit: 'Continue',
    failed: 'You could not be signed in',
  },
  notFound: {
    title: 'There is nothing here',
    text: 'The address may be mistyped, or what it led to was deleted.',
    back: 'Go to your meetings',
  },
  error: {
    title: 'This page stopped working',
    text: 'Your meetings go on without it. Try again, or go back to the list.',
  },
};
