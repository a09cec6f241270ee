// Shows the document of the contract that `?face=` names. The token of a log-in that is tried here is used for what is tried next.

const select = document.querySelector('#face');

const { documents } = await fetch('/openapi').then((response) => response.json());
const asked = new URLSearchParams(location.search).get('face');
const shown = documents.find(({ face }) => face === asked) ?? documents[0];

for (const { face, about } of documents) {
  const option = new Option(face, face, false, face === shown.face);
  option.title = about;
  select.append(option);
}
select.addEventListener('change', () => {
  location.search = new URLSearchParams({ face: select.value });
});

if (shown.port) {
  const there = new URL(`/docs?face=${shown.face}`, location.href);
  there.port = shown.port;
  const link = Object.assign(document.createElement('a'), { href: there.href, textContent: `port ${shown.port}` });
  document.querySelector('#note').replaceChildren('This contract is served on ', link, ', where it can be tried.');
}

const page = window.SwaggerUIBundle({
  url: shown.url,
  dom_id: '#document',
  deepLinking: true,
  persistAuthorization: true,
  tryItOutEnabled: !shown.port,
  ...(shown.port && { supportedSubmitMethods: [] }),
  validatorUrl: null, // nothing of ours is sent elsewhere
  responseInterceptor: (response) => {
    const token = response.obj?.access_token ?? response.obj?.token;
    if (response.ok && token) {
      page.preauthorizeApiKey('token', token);
      page.authActions.persistAuthorizationIfNeeded();
    }
    return response;
  },
});
