# tests/lab/feedlab.py as a service: six invented blogs on http://lab:8765.
ARG DEBIAN=trixie
FROM debian:${DEBIAN}-slim
RUN apt-get update && apt-get install -y --no-install-recommends python3-minimal libpython3-stdlib && rm -rf /var/lib/apt/lists/*
COPY tests/lab/feedlab.py tests/container/lab.py /lab/
USER 10001:10001
EXPOSE 8765
HEALTHCHECK --interval=5s --timeout=5s CMD ["python3", "-c", "import socket; socket.create_connection(('127.0.0.1', 8765), 3)"]
ENTRYPOINT ["python3", "-B", "-u", "/lab/lab.py"]
CMD ["serve"]
