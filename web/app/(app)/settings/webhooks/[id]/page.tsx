import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { EndpointPage } from '@/settings/webhooks/endpoint-page';
import { settings } from '@/strings/settings';

export const metadata: Metadata = { title: settings.nav.webhooks };

interface PageProps {
  params: Promise<{ id: string }>;
}

export default async function Page({ params }: PageProps) {
  const { id } = await params;
  if (!/^[1-9]\d{0,8}$/.test(id)) notFound();
  return <EndpointPage id={Number(id)} />;
}
