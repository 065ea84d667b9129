/** Words of the building blocks. One file per area; a translation replaces the files. */
export const ui = {
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  tryAgain: 'Try again',
  typeToConfirm: (phrase: string) => `Type “${phrase}” to confirm`,
  typeMismatch: (phrase: string) => `Type exactly “${phrase}”.`,
  more: 'Show more',
  loading: 'Loading…',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'Your browser did not let the page copy. Select the text and copy it by hand.',
};
