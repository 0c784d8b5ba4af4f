// The manifest of docs/scale.md: what Kubernetes would refuse, and whether its parts belong together.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";

const file = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

const documents = parseAllDocuments(readFileSync(file("docs/scale.yaml"), "utf8"));
const manifests = documents.map((document) => document.toJS() as Manifest);

/** What the tests read of a manifest. */
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: object;
}

interface DeploymentManifest extends Manifest {
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: object };
    readonly template: {
      readonly metadata: { readonly labels: object };
      readonly spec: { readonly containers: readonly [Container] };
    };
  };
}

interface Container {
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly ports: readonly [{ readonly name: string; readonly containerPort: number }];
}

interface ServiceManifest extends Manifest {
  readonly spec: {
    readonly selector: object;
    readonly ports: readonly [{ readonly targetPort: string }];
  };
}

interface AutoscalerManifest extends Manifest {
  readonly spec: { readonly scaleTargetRef: object };
}

/** The manifest of a kind. */
function manifest(kind: string): Manifest {
  const found = manifests.find((manifest) => manifest.kind === kind);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
}

const deployment = manifest("Deployment") as DeploymentManifest;
const service = manifest("Service") as ServiceManifest;
const autoscaler = manifest("HorizontalPodAutoscaler") as AutoscalerManifest;

/** A kind of Kubernetes, with its schema; the package's own types are not for exactOptionalPropertyTypes. */
type Kind = new (manifest: object) => { validate(): void; toJSON(): object };

/** The kind that a manifest says it is of. */
async function kindOf({ apiVersion, kind }: Manifest): Promise<Kind> {
  const kinds = (await import(`kubernetes-models/${apiVersion}`)) as Record<string, Kind>;
  return kinds[kind]!;
}

test("the file is YAML without errors, with the three parts and no other", () => {
  expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
  expect(manifests.map(({ kind }) => kind)).toEqual([
    "Deployment",
    "Service",
    "HorizontalPodAutoscaler",
  ]);
});

test.each([deployment, service, autoscaler])(
  "the $kind is one by the schemas of Kubernetes",
  async (manifest) => {
    const model = new (await kindOf(manifest))(manifest);
    expect(() => {
      model.validate();
    }).not.toThrow();
    expect(model.toJSON()).toEqual(manifest); // its version and kind are those of the schema
  },
);

test("the schemas refuse what is none", async () => {
  const spec = { ...deployment.spec, replicas: "two" };
  const model = new (await kindOf(deployment))({ ...deployment, spec });
  expect(() => {
    model.validate();
  }).toThrow("replicas must be integer");
});

test("the service and the autoscaler are of the deployment's pods", () => {
  const { metadata, spec } = deployment.spec.template;
  expect(service.spec.selector).toEqual(metadata.labels);
  expect(deployment.spec.selector.matchLabels).toEqual(metadata.labels);
  const ports = spec.containers[0].ports.map(({ name }) => name);
  expect(ports).toContain(service.spec.ports[0].targetPort);
  expect(autoscaler.spec.scaleTargetRef).toEqual({
    apiVersion: deployment.apiVersion,
    kind: deployment.kind,
    name: deployment.metadata.name,
  });
});

test("the command line takes the arguments: it misses nothing but the guest's file", () => {
  const { command, args, ports } = deployment.spec.template.spec.containers[0];
  expect(command).toEqual(["wasi-sockets"]);
  expect(args).toContain(`0.0.0.0:${ports[0].containerPort}`);
  const { status, stderr } = spawnSync(execPath, [file("build/host/cli.js"), ...args], {
    encoding: "utf8",
  });
  expect(stderr).toMatch(/^[^\n]*\/guest\/server\.wasm[^\n]*\n$/);
  expect(status).toBe(2);
});
