"""The secrets of an attempt: none tells another, and only the browser that asked gets an answer."""

from openracer.service.openid.attempt import Attempt, challenge


def test_the_challenge_is_that_of_the_standard():
    """The example of RFC 7636, appendix B."""
    assert (
        challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_the_secrets_of_an_attempt_differ_and_belong_to_it_alone():
    first, second = Attempt.begin(), Attempt.begin()
    secrets = [
        secret
        for attempt in (first, second)
        for secret in (attempt.secret, attempt.state, attempt.nonce, attempt.verifier)
    ]
    assert len(set(secrets)) == 8 and all(len(secret) >= 32 for secret in secrets)
    assert Attempt(first.secret) == first and Attempt(first.secret).state == first.state
    assert first.is_answer(first.state)
    for state in (second.state, "", first.state[:-1], f"{first.state}x", "é", "\udc80"):
        assert not first.is_answer(state)
