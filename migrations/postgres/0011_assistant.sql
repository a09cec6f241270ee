-- Which account is the service's assistant, and its keys. The public one is the account's.
CREATE TABLE assistant (
    only_one   BIGINT NOT NULL PRIMARY KEY CHECK (only_one = 1),
    user_id    UUID   NOT NULL UNIQUE REFERENCES accounts (id),
    sealed_key BYTEA  NOT NULL,               -- the private key, encrypted under the service's secret
    created_at TIMESTAMPTZ NOT NULL
);
