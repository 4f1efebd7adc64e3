# What browsers load, one image per origin: docker build --build-arg APP=inbox -f deploy/docker/web.Dockerfile .
# APP is inbox or messenger.
FROM node:22-slim AS build
WORKDIR /web
COPY web ./
RUN npm ci --no-audit --no-fund && npm run build

FROM nginxinc/nginx-unprivileged:1.29-alpine
ARG APP
COPY deploy/docker/nginx/services.inc.template /etc/nginx/templates/services.inc.template
COPY deploy/docker/nginx/${APP}.conf.template /etc/nginx/templates/default.conf.template
COPY --from=build /web/apps/${APP}/dist /usr/share/nginx/html
ENV NGINX_ENTRYPOINT_LOCAL_RESOLVERS=1 \
    NGINX_ENVSUBST_FILTER="SWITCHBOARD_|NGINX_LOCAL_RESOLVERS"
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"]
