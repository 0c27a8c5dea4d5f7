FROM debian:12 AS build
COPY . /src
RUN cd /src && tools/setup && tools/build release clique

FROM debian:12
COPY --from=build /src/tools/setup /src/tools/setup
RUN /src/tools/setup && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/build/release/clique /usr/local/bin/clique
COPY --from=build /src/dashboard/dist /usr/share/clique/dashboard
RUN useradd --system clique
USER clique
ENV CLIQUE_SERVER__DASHBOARD=/usr/share/clique/dashboard
EXPOSE 8080
CMD ["clique", "serve"]
