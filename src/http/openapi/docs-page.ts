/**
 * The page at /docs: everything in `openapi.json` as one can read and try it. One file without anything from elsewhere,
 * so that it works where there is no network.
 */

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #c6302b; --read: #0a7d5a; --write: #b35c00; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 0 auto; padding: 0 1rem 4rem; }
header { position: sticky; top: 0; padding: .75rem 0; background: Canvas; border-bottom: 1px solid var(--line); z-index: 1; }
header div, nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; }
h1 { margin: 0; font-size: 1.5rem; } h1 span { color: var(--accent); }
h2 { margin: 2rem 0 .25rem; scroll-margin-top: 6rem; }
a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
input, textarea, button { font: inherit; padding: .3rem .5rem; border: 1px solid var(--line); border-radius: 4px; background: transparent; color: inherit; }
button { cursor: pointer; border-color: var(--accent); color: var(--accent); }
textarea { width: 100%; font-family: ui-monospace, monospace; }
details { border-bottom: 1px solid var(--line); scroll-margin-top: 6rem; }
summary { cursor: pointer; padding: .4rem 0; display: grid; grid-template-columns: 4.75rem minmax(0, 24rem) 1fr; gap: .75rem; align-items: baseline; }
summary:hover { background: var(--soft); } summary code { overflow-wrap: anywhere; }
code, pre { font-family: ui-monospace, monospace; font-size: 13px; }
.method { font-weight: 600; font-size: 13px; padding-left: .5rem; color: var(--write); }
.method.get, .method.head { color: var(--read); } .method.delete { color: var(--accent); }
.detail { padding: 0 0 1rem 5.5rem; }
.detail label { display: grid; grid-template-columns: 11rem 1fr; gap: .1rem .5rem; margin: .4rem 0; }
.detail small { grid-column: 2; opacity: .75; }
.detail td { padding: 0 1rem 0 0; vertical-align: top; }
pre { background: var(--soft); padding: .75rem; overflow: auto; white-space: pre-wrap; }
@media (max-width: 45rem) { summary { grid-template-columns: 4.75rem 1fr; } .detail { padding-left: 0; } }
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

const { tags, paths, components } = await (await fetch(document.body.dataset.document)).json();

function exampleOf({ $ref, ...schema } = {}) {
  if ($ref) return exampleOf(components.schemas[$ref.split('/').at(-1)]);
  if (schema.examples) return schema.examples[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  if (schema.properties) return Object.fromEntries(Object.entries(schema.properties).map(([name, each]) => [name, exampleOf(each)]));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'array') return [exampleOf(schema.items)];
  return { integer: 1, number: 1, boolean: true, string: 'text', object: {} }[type] ?? '';
}

/** Text in which what stands between backticks is code. */
const rich = (text) => text.split('\`').map((part, i) => i % 2 ? element('code', {}, part) : part);
const quoted = (text) => "'" + text.replaceAll("'", "'\\\\''") + "'";

/** A form for an operation, which shows what it is going to send as a call of curl. */
function formOf(path, method, { description, parameters = [], requestBody, responses }) {
  const inputs = parameters.map((parameter) => {
    const input = element('input', { name: parameter.name, required: parameter.required, placeholder: String(parameter.schema.default ?? parameter.schema.examples?.[0] ?? '') });
    return { parameter, input };
  });
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const body = element('textarea', { rows: 4, name: 'body' });
  if (type === 'application/json') body.value = JSON.stringify(exampleOf(content.schema), null, 2);
  const curl = element('pre', { className: 'curl' });
  const output = element('pre', { className: 'output', hidden: true });
  const form = element('form', { className: 'detail' },
    ...(description ? [element('p', {}, ...rich(description))] : []),
    ...inputs.map(({ parameter, input }) => element('label', {}, parameter.name + (parameter.required ? ' *' : ''), input, element('small', {}, ...rich(parameter.description)))),
    ...(type ? [element('label', {}, 'body', body)] : []),
    element('table', {}, ...Object.entries(responses).map(([status, { description }]) =>
      element('tr', {}, element('td', {}, element('code', {}, status)), element('td', {}, ...rich(description))))),
    curl, element('button', {}, 'Send'), output);

  function request() {
    let url = path;
    const query = new URLSearchParams();
    const headers = token.value ? { authorization: 'Bearer ' + token.value } : {};
    for (const { parameter, input } of inputs) {
      if (input.value === '') continue;
      if (parameter.in === 'path') url = url.replace('{' + parameter.name + '}', input.value.split('/').map(encodeURIComponent).join('/'));
      else if (parameter.in === 'query') query.append(parameter.name, input.value);
      else headers[parameter.name] = input.value;
    }
    if (type) headers['content-type'] = type;
    return [url + (query.size ? '?' + query : ''), { method: method.toUpperCase(), headers, ...(type ? { body: body.value } : {}) }];
  }

  function show() {
    const [url, options] = request();
    curl.textContent = ['curl', ...(options.method === 'GET' ? [] : ['-X ' + options.method]),
      ...Object.entries(options.headers).map(([name, value]) => '-H ' + quoted(name + ': ' + value)),
      ...(type ? ['--data-binary ' + quoted(body.value)] : []), quoted(location.origin + url)].join(' ');
  }
  form.oninput = show;
  show();

  form.onsubmit = async (event) => {
    event.preventDefault();
    show();
    output.hidden = false;
    output.textContent = '…';
    try {
      const reply = await fetch(...request());
      output.textContent = reply.status + ' ' + reply.statusText + '\\n' + (await reply.text());
    } catch (error) {
      output.textContent = String(error);
    }
  };
  return form;
}

function operation(path, method, description) {
  const details = element('details', { id: method + path }, element('summary', {},
    element('span', { className: 'method ' + method }, method.toUpperCase()), element('code', {}, path),
    element('span', {}, ...rich(description.summary))));
  details.ontoggle = () => {
    if (details.children.length === 1) details.append(formOf(path, method, description));
  };
  return details;
}

const sections = tags.map(({ name, description }) => {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).filter(([, each]) => each.tags.includes(name)).map(([method, each]) => operation(path, method, each)));
  return element('section', { hidden: operations.length === 0 }, element('h2', { id: name }, name), element('p', {}, ...rich(description)), ...operations);
});
document.querySelector('main').append(...sections);
document.querySelector('nav').append(...sections.filter((each) => !each.hidden).map((each) => {
  const { id } = each.querySelector('h2');
  return element('a', { href: '#' + encodeURIComponent(id) }, id);
}));
document.getElementById('filter').oninput = ({ target }) => {
  const words = target.value.toLowerCase();
  for (const section of sections) {
    const found = [...section.querySelectorAll('details')].filter((each) => {
      each.hidden = !each.firstChild.textContent.toLowerCase().includes(words);
      return !each.hidden;
    });
    section.hidden = found.length === 0;
  }
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
<header><div><h1>red<span>start</span></h1><input id="filter" type="search" placeholder="Filter">
<input id="token" type="password" placeholder="Token" autocomplete="off"><a href="${documentUrl}">openapi.json</a></div>
<nav></nav></header>
<main></main>
<script type="module">${SCRIPT}</script>
</body>
</html>
`;
}
