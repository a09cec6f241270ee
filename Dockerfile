# A small image that runs as nobody in particular; its data is in /data.
FROM rust:1.95-bookworm AS build
WORKDIR /errand
COPY . .
RUN cargo build --release --locked

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home errand && install -d -o errand -m 0700 /data
COPY --from=build /errand/target/release/errand /usr/local/bin/errand
USER errand
WORKDIR /data
ENV ERRAND_LISTEN=0.0.0.0:8000 ERRAND_LISTEN_CHASQUI=0.0.0.0:8080 ERRAND_DATABASE_URL=sqlite:/data/errand.db
VOLUME /data
EXPOSE 8000 8080
HEALTHCHECK --interval=10s --timeout=3s CMD curl -fsS http://127.0.0.1:8000/health || exit 1
ENTRYPOINT ["errand"]
CMD ["serve"]
