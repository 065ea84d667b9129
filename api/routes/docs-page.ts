import { z } from 'zod';

/** The reference page: Swagger UI, from files of this server alone. */
export const DOCS_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API reference · Meetings</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/page.css">
</head>
<body>
<div id="reference"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/page.js"></script>
</body>
</html>
`;

/** Without Swagger's validator badge, which would send the document elsewhere. */
const SCRIPT = `window.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayOperationId: true,
  filter: true,
  persistAuthorization: false,
  validatorUrl: null,
});
`;

const STYLE = `body { margin: 0; }
.swagger-ui, .swagger-ui .info .title, .swagger-ui .opblock-tag, .swagger-ui .info li,
.swagger-ui .info p, .swagger-ui .info table { font-family: system-ui, sans-serif; }
.swagger-ui .info { margin: 32px 0 24px; }
.swagger-ui .info p { line-height: 1.5; max-width: 75ch; margin-inline: 0; }
.swagger-ui .markdown code, .swagger-ui .renderedMarkdown code { margin: 0; padding: 1px 4px;
  color: #24415f; background: #eef1f5; font-weight: 500; }
.swagger-ui .info table { display: block; box-sizing: border-box; max-height: 260px; overflow: auto; margin: 0;
  border: 1px solid #d8dbe2; border-radius: 6px; }
.swagger-ui .info table thead tr th { position: sticky; top: 0; padding: 8px 12px;
  background: #fff; }
.swagger-ui .info table tbody tr td { padding: 5px 12px; min-width: auto; }
.swagger-ui .scheme-container { margin: 0 0 16px; padding: 16px 0; box-shadow: none;
  border-block: 1px solid #d8dbe2; }
.swagger-ui .response-col_links { display: none; }
`;

/** Files of the page that are written here; the others are those of swagger-ui-dist. */
export const OWN_DOCS_FILES: Record<string, string> = { 'page.js': SCRIPT, 'page.css': STYLE };

export const docsFileSchema = z.strictObject({
  file: z.enum(['page.js', 'page.css', 'swagger-ui.css', 'swagger-ui-bundle.js']),
});
