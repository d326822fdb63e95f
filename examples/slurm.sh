#!/usr/bin/env bash
# A Ray cluster inside one SLURM allocation, and a run on it.
#
#   sbatch examples/slurm.sh --profile paper --data-dir /shared/data --results /shared/results
#
# Everything behind the script's name goes to `python -m harness run`. The project, the data, the
# results and the cache lie on a file system that all nodes share. The job may end at any moment:
# submitted again, it runs what is missing.
#SBATCH --job-name=disentangle-bench
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=32
#SBATCH --gpus-per-node=4
#SBATCH --mem=0
#SBATCH --time=24:00:00
#SBATCH --signal=B:TERM@120
set -euo pipefail

cd "${SLURM_SUBMIT_DIR}"
source .venv/bin/activate
export DISENTANGLE_CACHE="${DISENTANGLE_CACHE:-${SLURM_SUBMIT_DIR}/.local/cache}"

mapfile -t hosts < <(scontrol show hostnames "${SLURM_JOB_NODELIST}")
head="${hosts[0]}"
address=$(srun --nodes=1 --ntasks=1 --nodelist="${head}" hostname --ip-address)
# The first of several addresses; a port of this job's own, since nodes may be shared.
address="${address%% *}"
port=$((20000 + SLURM_JOB_ID % 20000))
gpus="${SLURM_GPUS_ON_NODE:-0}"

srun --nodes=1 --ntasks=1 --nodelist="${head}" \
    ray start --head --block --node-ip-address="${address}" --port="${port}" \
    --num-cpus="${SLURM_CPUS_PER_TASK}" --num-gpus="${gpus}" --include-dashboard=false &

export RAY_ADDRESS="${address}:${port}"
until ray status >/dev/null 2>&1; do sleep 2; done

if ((${#hosts[@]} > 1)); then
    srun --nodes=$((SLURM_JOB_NUM_NODES - 1)) --ntasks=$((SLURM_JOB_NUM_NODES - 1)) \
        --exclude="${head}" \
        ray start --block --address="${RAY_ADDRESS}" \
        --num-cpus="${SLURM_CPUS_PER_TASK}" --num-gpus="${gpus}" &
fi

# SLURM's warning before the end goes on to the driver, which then stops as Ctrl-C does.
python -m harness run --backend ray "$@" &
driver=$!
trap 'kill -TERM "${driver}"' TERM
status=0
wait "${driver}" || status=$?
trap - TERM
wait "${driver}" 2>/dev/null || true
ray stop >/dev/null 2>&1 || true
exit "${status}"
