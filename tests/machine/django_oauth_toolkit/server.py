"""django-oauth-toolkit with a user ada, an API and everything in memory. Prints its issuer once it listens."""

import datetime
import os
import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
settings.configure(
    SECRET_KEY="not a secret: this server lives for one test run",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "oauth2_provider"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
    AUTHENTICATION_BACKENDS=["django.contrib.auth.backends.ModelBackend"],
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": key.decode(),
        "SCOPES": {"openid": "who you are", "read": "reading"},
        "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
        # Reuse of a rotated refresh token ends what came of it (RFC 9700 4.14.2).
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        # With a grace period a replay returns the successor; without rotation the refresh token stays.
        "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": int(os.environ.get("GRACE", "0")),
        "ROTATE_REFRESH_TOKEN": os.environ.get("ROTATE", "1") == "1",
    },
)
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402: Django is not there before setup()
from django.core.management import call_command  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.utils import timezone  # noqa: E402
from oauth2_provider.models import AccessToken, RefreshToken, get_application_model  # noqa: E402
from oauth2_provider.settings import oauth2_settings  # noqa: E402
from oauth2_provider.views.generic import ProtectedResourceView  # noqa: E402


class Me(ProtectedResourceView):
    def get(self, request):
        return JsonResponse({"username": request.resource_owner.username if request.resource_owner else "machine"})


def truth(request, token):
    """Whether a token is good by what the database has of it: the grace period is that of a token that was refreshed."""
    grace = datetime.timedelta(seconds=oauth2_settings.REFRESH_TOKEN_GRACE_PERIOD_SECONDS)
    refresh = RefreshToken.objects.filter(token=token).last()
    access = AccessToken.objects.filter(token=token).last()
    if refresh and refresh.revoked:
        refreshed = AccessToken.objects.filter(source_refresh_token=refresh).exists()
        alive = refreshed and refresh.revoked > timezone.now() - grace
    else:
        alive = refresh is not None or access is not None and not access.is_expired()
    return JsonResponse({"alive": alive})


urlpatterns = [path("api/me", Me.as_view()), path("truth/<token>", truth), path("o/", include("oauth2_provider.urls", namespace="oauth2_provider"))]

call_command("migrate", verbosity=0)
ada = get_user_model().objects.create_user("ada", password="analytical-engine")
Application = get_application_model()
for client, grant in [
    ("cli", Application.GRANT_PASSWORD),
    ("other", Application.GRANT_PASSWORD),
    ("machine", Application.GRANT_CLIENT_CREDENTIALS),
]:
    Application.objects.create(
        client_id=client,
        client_secret=f"{client}-secret",
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=grant,
        algorithm=Application.RS256_ALGORITHM,
        user=ada,
    )


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


from django.core.wsgi import get_wsgi_application  # noqa: E402

server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
print(f"http://127.0.0.1:{server.server_port}/o", flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    sys.exit(0)
