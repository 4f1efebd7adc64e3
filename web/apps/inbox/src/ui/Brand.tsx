import type { ReactNode } from "react";
import type { Brand } from "@/api/people";

/** A brand as a dot in its colour, its name on hover. */
export function BrandDot({ brand, size = 8 }: { brand: Brand | undefined; size?: number }): ReactNode {
  if (!brand) return null;
  return (
    <span
      title={brand.name}
      style={{ flex: "none", width: size, height: size, borderRadius: "50%", background: brand.color }}
    />
  );
}
