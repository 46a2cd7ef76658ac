"""Signing in with a school's own accounts: OpenID Connect 1.0, the authorization code flow with PKCE.

``settings`` is what the administrator says of the school; ``attempt`` are the secrets of one browser on its way there;
``provider`` talks with the school; ``id_token`` says what its answer is worth; ``admission`` who may come in; ``links``
which person here somebody there is.
"""
