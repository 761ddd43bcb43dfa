/**
 * The page at /docs: everything in `openapi.json` as one can read and try it. One file without anything from elsewhere,
 * so that it works where there is no network.
 */

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #c6302b; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem; }
header { display: flex; flex-wrap: wrap; gap: 1rem; align-items: baseline; }
h1 { margin: 0; } h2 { margin: 2rem 0 .25rem; border-bottom: 1px solid var(--line); }
input, textarea, button { font: inherit; padding: .3rem .5rem; border: 1px solid var(--line); border-radius: 4px; background: transparent; color: inherit; }
button { cursor: pointer; border-color: var(--accent); color: var(--accent); }
textarea { width: 100%; box-sizing: border-box; font-family: ui-monospace, monospace; }
details { border-bottom: 1px solid var(--line); } summary { cursor: pointer; padding: .4rem 0; }
code, pre { font-family: ui-monospace, monospace; font-size: 13px; }
.method { display: inline-block; width: 4.5rem; font-weight: 600; color: var(--accent); }
.detail { padding: 0 0 1rem 4.5rem; } .detail label { display: grid; grid-template-columns: 11rem 1fr; gap: .5rem; margin: .3rem 0; }
.detail small { grid-column: 2; opacity: .75; } pre { background: var(--soft); padding: .75rem; overflow: auto; white-space: pre-wrap; }
`;

const SCRIPT = `
const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};
const token = document.getElementById('token');
token.value = sessionStorage.getItem('token') ?? '';
token.oninput = () => sessionStorage.setItem('token', token.value);

function exampleOf(schema = {}) {
  if (schema.examples) return schema.examples[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  if (schema.properties) return Object.fromEntries(Object.entries(schema.properties).map(([name, each]) => [name, exampleOf(each)]));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'array') return [exampleOf(schema.items)];
  return { integer: 1, number: 1, boolean: true, string: 'text', object: {} }[type] ?? '';
}

function operation(path, method, { summary, description, parameters = [], requestBody, responses }) {
  const inputs = parameters.map((parameter) => {
    const input = element('input', { name: parameter.name, required: parameter.required, placeholder: String(parameter.schema.default ?? '') });
    return { parameter, input };
  });
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const body = element('textarea', { rows: 4, name: 'body' });
  if (type === 'application/json') body.value = JSON.stringify(exampleOf(content.schema), null, 2);
  const output = element('pre', { className: 'output', hidden: true });
  const form = element('form', { className: 'detail' },
    ...(description ? [element('p', {}, description.replaceAll('\`', ''))] : []),
    ...inputs.map(({ parameter, input }) => element('label', {}, parameter.name + (parameter.required ? ' *' : ''), input, element('small', {}, parameter.description))),
    ...(type ? [element('label', {}, 'body', body)] : []),
    element('p', {}, Object.entries(responses).map(([status, { description }]) => status + ': ' + description).join(' ')),
    element('button', {}, 'Send'), output);
  form.onsubmit = async (event) => {
    event.preventDefault();
    output.hidden = false;
    output.textContent = '…';
    let url = path;
    const query = new URLSearchParams();
    const headers = token.value ? { authorization: 'Bearer ' + token.value } : {};
    for (const { parameter, input } of inputs) {
      if (parameter.in === 'path') url = url.replace('{' + parameter.name + '}', input.value.split('/').map(encodeURIComponent).join('/'));
      else if (input.value !== '' && parameter.in === 'query') query.append(parameter.name, input.value);
      else if (input.value !== '') headers[parameter.name] = input.value;
    }
    if (type) headers['content-type'] = type;
    try {
      const reply = await fetch(url + (query.size ? '?' + query : ''), { method: method.toUpperCase(), headers, ...(type ? { body: body.value } : {}) });
      output.textContent = reply.status + ' ' + reply.statusText + '\\n' + (await reply.text());
    } catch (error) {
      output.textContent = String(error);
    }
  };
  return element('details', { id: method + path }, element('summary', {},
    element('span', { className: 'method' }, method.toUpperCase()), element('code', {}, path), ' ' + summary), form);
}

const { tags, paths } = await (await fetch(document.body.dataset.document)).json();
const main = document.querySelector('main');
for (const tag of tags) {
  const found = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).filter(([, each]) => each.tags.includes(tag.name)).map(([method, each]) => operation(path, method, each)));
  if (found.length > 0) main.append(element('h2', {}, tag.name), element('p', {}, tag.description), ...found);
}
document.getElementById('filter').oninput = ({ target }) => {
  for (const each of document.querySelectorAll('details')) each.hidden = !each.textContent.toLowerCase().includes(target.value.toLowerCase());
};
document.body.dataset.ready = 'true';
`;

/** @param documentUrl where `openapi.json` is, as the page reaches it */
export function docsPage(documentUrl: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>redstart: HTTP</title>
<style>${STYLE}</style>
<body data-document="${documentUrl}">
<header><h1>redstart</h1><input id="filter" type="search" placeholder="Filter">
<input id="token" type="password" placeholder="Token" autocomplete="off"><a href="${documentUrl}">openapi.json</a></header>
<main></main>
<script type="module">${SCRIPT}</script>
</body>
</html>
`;
}
