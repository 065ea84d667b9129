import { headers } from 'next/headers';
import { MOMENTS_SCRIPT } from './moments-script';

/** Fills in the moments of what stands after it in a document, while that is read. */
export async function Moments() {
  const nonce = (await headers()).get('x-nonce') ?? '';
  return (
    <script
      nonce={nonce}
      suppressHydrationWarning
      dangerouslySetInnerHTML={{ __html: MOMENTS_SCRIPT }}
    />
  );
}
