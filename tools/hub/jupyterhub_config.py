# A JupyterHub of the course. As it stands it is for trying the whole on one Linux machine
# (`npm run hub`): everyone is let in who knows the one password, and all servers run as the same
# Unix user, each with a home of its own. For a class on a server, replace the two parts that are
# marked with (1) and (2); for Kubernetes see values.yaml. docs/teaching.md has the figures.
import os
from pathlib import Path

c = get_config()  # noqa: F821

hub = Path(__file__).resolve().parent
installed = Path(os.environ["LLM_HUB"])  # hub/, made by `npm run hub`
state = Path(os.environ.get("LLM_HUB_STATE", installed))  # accounts and homes
ports = [int(port) for port in os.environ["LLM_HUB_PORTS"].split(",")]

c.JupyterHub.bind_url = f"http://127.0.0.1:{ports[0]}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{ports[1]}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{ports[2]}"
c.ConfigurableHTTPProxy.command = [str(installed / "node_modules/.bin/configurable-http-proxy")]
c.ConfigurableHTTPProxy.pid_file = str(state / "proxy.pid")
c.JupyterHub.cookie_secret_file = str(state / "cookie_secret")
c.JupyterHub.db_url = f"sqlite:///{state}/jupyterhub.sqlite"

# (1) Who may come in. For a class: your university's OAuth, LTI or GitHub (oauthenticator), with
# c.Authenticator.allowed_users or the group of the course.
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = os.environ["LLM_HUB_PASSWORD"]
c.Authenticator.allow_all = True

# (2) What starts for each of them.
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(state / "homes" / "{username}")
c.Spawner.cmd = ["sh", str(hub / "singleuser.sh")]
c.Spawner.environment = {"LLM_HUB_PYTHON": str(installed / "venv/bin/python")}
c.Spawner.default_url = "/lab"
# A whole class starts at once, on few cores.
c.Spawner.start_timeout = 180
c.Spawner.http_timeout = 180

# With Docker on one server (pip install dockerspawner; not tried by the authors):
#   docker build -t llm-course-hub -f docs/Dockerfile --target hub \
#     --build-arg BASE=debian:bookworm-slim --build-arg ENGINE=none .
#
# c.JupyterHub.spawner_class = "docker"
# c.DockerSpawner.image = "llm-course-hub"
# c.DockerSpawner.cmd = ["sh", "/opt/course/tools/hub/singleuser.sh"]
# c.DockerSpawner.volumes = {"llm-home-{username}": "/home/learner"}
# c.DockerSpawner.mem_limit = "2G"
# c.DockerSpawner.cpu_limit = 1
# c.DockerSpawner.remove = True
# c.JupyterHub.hub_connect_ip = "…"  # the hub's address as containers see it
#
# Servers that nobody uses for an hour end (pip install jupyterhub-idle-culler):
#
# c.JupyterHub.services = [
#     {"name": "cull", "command": ["python3", "-m", "jupyterhub_idle_culler", "--timeout=3600"]}
# ]
# c.JupyterHub.load_roles = [
#     {
#         "name": "cull",
#         "services": ["cull"],
#         "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
#     }
# ]
