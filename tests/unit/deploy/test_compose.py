"""docker-compose.yml and the files beside it: complete, loopback only, and in step with the code they start."""

from __future__ import annotations

import json
import re
from ipaddress import ip_network
from typing import Any

import pytest
import yaml

from deploy.local.health import SERVICES
from deploy.local.layout import ROOT
from services.ingest.settings import IngestSettings
from services.notifications.settings import NotificationsSettings
from services.tickets.settings import TicketsSettings
from shared.service import CLOSE_S, LAST_CHANCE_S
from shared.settings import Settings

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
PARTS: dict[str, dict[str, Any]] = COMPOSE["services"]
ONCE = {"setup", "mongo-init", "demo-directory", "demo-rules", "demo-conversations"}
BUILT = sorted(name for name, part in PARTS.items() if "build" in part)
SETTINGS = {"ingest": IngestSettings, "notifications": NotificationsSettings, "tickets": TicketsSettings}


@pytest.mark.parametrize("name", sorted(set(PARTS) - ONCE))
def test_what_stays_up_says_whether_it_is_healthy_and_comes_back(name: str) -> None:
    part = PARTS[name]
    dockerfile = ROOT / part["build"]["dockerfile"] if "build" in part else None
    assert "healthcheck" in part or (dockerfile and "HEALTHCHECK" in dockerfile.read_text())
    assert part["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(PARTS))
def test_what_it_waits_for_is_there_and_ends_or_gets_healthy(name: str) -> None:
    for other, how in PARTS[name].get("depends_on", {}).items():
        ends = other in ONCE
        assert how["condition"] == ("service_completed_successfully" if ends else "service_healthy"), other


@pytest.mark.parametrize("name", sorted(PARTS))
def test_nothing_listens_beyond_this_machine(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in PARTS[name].get("ports", []))


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_runs_confined_and_has_time_to_drain(name: str) -> None:
    part = PARTS[name]
    assert part["read_only"]
    assert part["cap_drop"] == ["ALL"]
    settings = SETTINGS.get(name, Settings)
    needed_s = settings.model_fields["drain_s"].default + CLOSE_S + LAST_CHANCE_S
    assert int(part["stop_grace_period"].rstrip("s")) > needed_s


@pytest.mark.parametrize("name", BUILT)
def test_what_we_build_writes_nowhere_and_gains_no_rights(name: str) -> None:
    """Those that run once are the services' images: they have no rights either (USER in the Dockerfile)."""
    part = PARTS[name]
    if name not in ONCE:
        assert part["read_only"]
        assert part["cap_drop"] == ["ALL"]
        assert part["security_opt"] == ["no-new-privileges:true"]
    dockerfile = (ROOT / part["build"]["dockerfile"]).read_text()
    assert re.search(r"^USER 10001$|^FROM nginxinc/nginx-unprivileged", dockerfile, re.MULTILINE)


@pytest.mark.parametrize("name", SERVICES)
def test_every_setting_given_is_one_that_the_service_has(name: str) -> None:
    known = SETTINGS.get(name, Settings).model_fields
    given = {key.removeprefix("SWITCHBOARD_").lower() for key in PARTS[name]["environment"]}
    assert given - set(known) == set()


def test_only_our_web_servers_are_believed_about_who_calls() -> None:
    settings = PARTS["ingest"]["environment"]["SWITCHBOARD_TRUSTED_PROXIES"]
    believed = {ip_network(one) for one in json.loads(settings)}
    fixed = {ip_network(PARTS[name]["networks"]["default"]["ipv4_address"]) for name in ("web", "messenger")}
    [subnet] = [ip_network(one["subnet"]) for one in COMPOSE["networks"]["default"]["ipam"]["config"]]
    assert believed == fixed
    assert all(one.subnet_of(subnet) for one in fixed)


def test_the_secret_has_no_default() -> None:
    assert PARTS["tickets"]["environment"]["SWITCHBOARD_SECRET"].startswith("${SWITCHBOARD_SECRET:?")


@pytest.mark.parametrize("name", BUILT)
def test_what_an_image_is_built_from_is_there(name: str) -> None:
    build = PARTS[name]["build"]
    assert (ROOT / build["dockerfile"]).exists()
    assert (ROOT / f"{build['dockerfile']}.dockerignore").exists()
    service, app = build["args"].get("SERVICE"), build["args"].get("APP")
    assert (ROOT / "services" / service).is_dir() if service else (ROOT / "web" / "apps" / app).is_dir()


def test_all_services_are_scraped() -> None:
    config = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    targets = [target for group in config["scrape_configs"][0]["static_configs"] for target in group["targets"]]
    assert sorted(targets) == sorted(f"{name}:8000" for name in SERVICES)


def test_the_web_servers_of_both_kinds_route_the_same_paths() -> None:
    vite = (ROOT / "web" / "vite.services.ts").read_text()
    nginx = (ROOT / "deploy" / "docker" / "nginx" / "services.inc.template").read_text()
    by_vite = dict(re.findall(r'"(/[a-z/]+)": \["SWITCHBOARD_([A-Z]+)_URL"', vite))
    by_nginx = dict(re.findall(r"location (/[a-z/]+?)/? \{\s*proxy_pass \$([a-z]+);", nginx))
    assert {path: name.upper() for path, name in by_nginx.items()} == by_vite


def test_the_inbox_has_the_same_policy_behind_both_web_servers() -> None:
    vite = (ROOT / "web" / "apps" / "inbox" / "vite.config.ts").read_text()
    nginx = (ROOT / "deploy" / "docker" / "nginx" / "inbox.conf.template").read_text()
    policy = re.search(r"CONTENT_SECURITY_POLICY = \[(.*?)\]", vite, re.DOTALL)
    given = re.search(r'Content-Security-Policy "([^"]*)"', nginx)
    assert policy
    assert given
    mine = re.compile(r" ?\$\{(FILES_ORIGIN|FRAMES)\}")
    by_vite = {mine.sub("", one) for one in re.findall(r'["`]([^"`]+)["`]', policy[1])}
    by_nginx = {one.replace(" ${SWITCHBOARD_FILES_URL}", "").strip() for one in given[1].split(";")}
    assert by_nginx == by_vite
