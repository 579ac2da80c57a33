# The objects of NetApp's procedures with kubectl. $RULE is the recurrence rule of Schedules and mirrors.

application() { # NAME
    cat <<YAML
apiVersion: protect.trident.netapp.io/v1
kind: Application
metadata: { name: $1, namespace: $1 }
spec: { includedNamespaces: [{ namespace: $1 }] }
YAML
}

snapshot() { # APPLICATION NAME VAULT
    cat <<YAML
apiVersion: protect.trident.netapp.io/v1
kind: Snapshot
metadata: { name: $2, namespace: $1 }
spec: { applicationRef: $1, appVaultRef: $3, reclaimPolicy: Delete }
YAML
}

shutdown_snapshot() { # APPLICATION NAME VAULT
    cat <<YAML
apiVersion: protect.trident.netapp.io/v1
kind: ShutdownSnapshot
metadata: { name: $2, namespace: $1 }
spec: { applicationRef: $1, appVaultRef: $3 }
YAML
}

schedule() { # APPLICATION VAULT
    cat <<YAML
apiVersion: protect.trident.netapp.io/v1
kind: Schedule
metadata: { name: $1, namespace: $1 }
spec:
  applicationRef: $1
  appVaultRef: $2
  enabled: true
  granularity: Custom
  recurrenceRule: |-
    DTSTART:20250101T000000Z
    RRULE:$RULE
  snapshotRetention: "2"
  backupRetention: "0"
YAML
}

mirror() { # APPLICATION UID SOURCE_VAULT DESTINATION_VAULT
    cat <<YAML
apiVersion: protect.trident.netapp.io/v1
kind: AppMirrorRelationship
metadata: { name: $1, namespace: $1 }
spec:
  desiredState: Established
  sourceAppVaultRef: $3
  destinationAppVaultRef: $4
  sourceApplicationName: $1
  sourceApplicationUID: $2
  namespaceMapping: [{ source: $1, destination: $1 }]
  storageClassName: trident-dr
  recurrenceRule: |-
    DTSTART:20250101T000000Z
    RRULE:$RULE
YAML
}

# Waits until an object's state is as wanted.
state_is() { # SITE APPLICATION KIND NAME STATE
    kubectl --context "$1-admin" -n "$2" wait "$3.protect.trident.netapp.io/$4" \
        --for="jsonpath={.status.state}=$5" --timeout=1800s
}

# Three times at most: with a hundred at once, a connection that a webhook of the cluster lost would end the whole benchmark.
apply() { # SITE
    local manifest left=3
    manifest=$(cat)
    until kubectl --context "$1-admin" apply -f - <<<"$manifest"; do
        ((left -= 1)) || return 1
    done
}

# Runs a function for each application at once. Fails when one of them fails.
for_each_at_once() { # FUNCTION APPLICATION...
    local function="$1" failed=0 jobs=()
    shift
    for one in "$@"; do
        "$function" "$one" &
        jobs+=("$!")
    done
    for job in "${jobs[@]}"; do
        wait "$job" || failed=1
    done
    return "$failed"
}
