// An independent OpenID provider for the tests: npm's `oidc-provider`, with every login approved for user ada.
// Prints its issuer as one line once it listens. PKCE is required, refresh tokens rotate.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const robot = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const server = createServer();
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const machine = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [], scope: 'api' };
const provider = new Provider(issuer, {
  clients: [
    // What breaks clients that forget to form-encode the two halves of HTTP Basic (RFC 6749 §2.3.1).
    { ...machine, client_id: 'odd:machine', client_secret: 'p@ss:w%rd +/~' },
    {
      ...machine,
      client_id: 'odd:poster',
      client_secret: 'p@ss:w%rd +/~',
      token_endpoint_auth_method: 'client_secret_post',
    },
    {
      ...machine,
      client_id: 'robot',
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [{ ...robot.publicKey.export({ format: 'jwk' }), kid: 'robot-1', use: 'sig', alg: 'ES256' }] },
    },
    {
      client_id: 'cli',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token', DEVICE],
      response_types: ['code'],
      redirect_uris: ['http://127.0.0.1/callback'],
    },
    {
      client_id: 'signed',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: ['http://127.0.0.1/callback'],
    },
  ],
  scopes: ['openid', 'offline_access', 'profile', 'api'],
  claims: { openid: ['sub'], profile: ['preferred_username'] },
  conformIdTokenClaims: false,
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    // The access tokens of one client are JWTs, for an API of its own.
    resourceIndicators: {
      enabled: true,
      defaultResource: (context) => (context.oidc.client.clientId === 'signed' ? 'urn:api' : undefined),
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: 'api', audience: 'urn:api', accessTokenFormat: 'jwt' }),
    },
  },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  cookies: { keys: ['not a secret: this server lives for one test run'] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
});
const callback = provider.callback();

// Whatever is asked, ada says yes. As the provider's own example does it, a browser session has one grant for each client.
async function approve(request, response) {
  const { prompt, params, session, grantId: known } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: 'ada' } });
  }
  const grant = known
    ? await provider.Grant.find(known)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  grant.addResourceScope('urn:api', 'api');
  const grantId = await grant.save();
  return provider.interactionFinished(request, response, { consent: { grantId } }, { mergeWithLastSubmission: true });
}

server.on('request', (request, response) => {
  if (request.url === '/robot.pem') {
    response.end(robot.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  } else if (request.url.startsWith('/interaction/')) {
    approve(request, response).catch((error) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  } else {
    callback(request, response);
  }
});
console.log(issuer);
