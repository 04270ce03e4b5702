# Builds the one binary and puts it into a small image.
FROM rust:1-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin cartwright

FROM debian:bookworm-slim
RUN useradd --system --create-home --home-dir /var/lib/cartwright cartwright
COPY --from=build /src/target/release/cartwright /usr/local/bin/cartwright
USER cartwright
WORKDIR /var/lib/cartwright
EXPOSE 8080
ENV CARTWRIGHT_LISTEN=0.0.0.0:8080
ENTRYPOINT ["cartwright"]
CMD ["serve"]
