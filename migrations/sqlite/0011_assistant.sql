-- Which account is the service's assistant, and its keys. The public one is the account's.
CREATE TABLE assistant (
    only_one   BIGINT NOT NULL PRIMARY KEY CHECK (only_one = 1),
    user_id    BLOB   NOT NULL UNIQUE REFERENCES accounts (id),
    sealed_key BLOB   NOT NULL,               -- the private key, encrypted under the service's secret
    created_at TEXT   NOT NULL
);
