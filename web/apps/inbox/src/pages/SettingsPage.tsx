import { IconChevronLeft } from "@tabler/icons-react";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type ReactNode, Suspense } from "react";
import { useGoKeys } from "@/app/go-keys";
import { OfflineBanner } from "@/app/OfflineBanner";
import { Rail } from "@/app/Rail";
import { SECTIONS, type SettingsSection } from "@/app/settings-sections";
import { useSignedOut } from "@/app/signed-out";
import { useMe } from "@/data/directory";
import { Anywhere } from "@/features/palette/Anywhere";
import { Presence } from "@/features/presence/Presence";
import { useLive } from "@/live/useLive";
import classes from "./SettingsPage.module.css";

/** How the desk and one's own account are set up: sections at the left, one of them at the right. */
export default function SettingsPage(): ReactNode {
  const navigate = useNavigate();
  const {
    section: path = null,
    item = null,
    view = null,
  } = useParams({ strict: false }) as { section?: string; item?: string; view?: string };
  const me = useMe();
  const seen = SECTIONS.filter(
    ({ permission }) => permission === null || me?.permissions.includes(permission),
  );
  // With room for both, the settings open with their first section.
  const section = path === null ? seen[0] : SECTIONS.find((each) => each.path === path);
  useLive(me?.agent.agent_id);
  useGoKeys();
  useSignedOut();
  return (
    <>
      <OfflineBanner />
      <div className={classes.panes} data-open={path !== null || undefined}>
        <Rail foot={<Presence onSignedOut={() => void navigate({ to: "/sign-in" })} />} />
        <SectionNav sections={seen} chosen={section?.path} />
        <main className={classes.content}>
          <button type="button" className={classes.up} onClick={() => void navigate({ to: "/settings" })}>
            <IconChevronLeft size={16} aria-hidden />
            Settings
          </button>
          {me && <Content section={section} path={path} seen={seen} item={item} view={view} />}
        </main>
      </div>
      <Anywhere />
    </>
  );
}

interface ContentProps {
  section: SettingsSection | undefined;
  path: string | null;
  seen: readonly SettingsSection[];
  item: string | null;
  view: string | null;
}

function Content({ section, path, seen, item, view }: ContentProps): ReactNode {
  const navigate = useNavigate();
  if (!section) {
    return <No text={path ? "There are no such settings." : "Your role may not change any settings."} />;
  }
  if (!seen.includes(section)) {
    return <No text={`Your role may not change “${section.label}”. An admin can change your role.`} />;
  }
  const open = (to: string | null, view?: string): void => {
    const params = { section: section.path, item: to ?? "", view: view ?? "" };
    if (to === null) void navigate({ to: "/settings/$section", params });
    else if (view === undefined) void navigate({ to: "/settings/$section/$item", params });
    else void navigate({ to: "/settings/$section/$item/$view", params });
  };
  return (
    <Suspense>
      <section.Section key={section.path} item={item} view={view} open={open} />
    </Suspense>
  );
}

function No({ text }: { text: string }): ReactNode {
  return (
    <div className={classes.no} role="alert">
      <p>{text}</p>
    </div>
  );
}

interface SectionNavProps {
  sections: readonly SettingsSection[];
  chosen: string | undefined;
}

function SectionNav({ sections, chosen }: SectionNavProps): ReactNode {
  const groups = [...new Set(sections.map(({ group }) => group))];
  return (
    <nav className={classes.nav} aria-label="Settings">
      <header>
        <h2>Settings</h2>
      </header>
      <div className="sb-scroll">
        {groups.map((group) => (
          <section key={group} aria-label={group}>
            <h3>{group}</h3>
            <ul>
              {sections
                .filter((each) => each.group === group)
                .map(({ path, label }) => (
                  <li key={path}>
                    <Link
                      to="/settings/$section"
                      params={{ section: path }}
                      aria-current={path === chosen ? "page" : undefined}
                    >
                      {label}
                    </Link>
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </div>
    </nav>
  );
}
