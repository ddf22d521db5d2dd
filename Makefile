# The only list of commands. Everything runs in .venv, which is made on first use.
#   PYTHON=python3.12   another interpreter
#   DATA=folder         where the data sets are (training, evaluation, and the tests marked `data`)

PYTHON ?= python3.11
DATA ?= ../shared/data
BIN := .venv/bin
BASE := .venv/base.stamp
DEV := .venv/dev.stamp
SHIPPED := src/metier/models
WEAK_METHODS := exact lemma parts-of-speech iso-isolated iso-contextual iso-mean-isolated iso-mean-contextual \
  aoc-isolated aoc-contextual wse-isolated wse-contextual wse-contextual-several iso-mean-isolated-several \
  rules rules-demand rules-tuned
ENGLISH_POSTINGS = $(wildcard $(DATA)/postings/*_en.jsonl*)
POSTINGS = $(wildcard $(DATA)/postings/*.jsonl*)
LANGUAGES := en da de es fr fi nl pl sv
ESCO_LANGUAGES := bg cs da de el en es et fi fr ga hr hu is it lt lv mt nl no pl pt ro sk sl sv
TITLE_DATA = --data $(DATA) --esco $(DATA)/esco
TITLE_SYSTEMS := joaps=job2vec:runs/titles-en-wocr infonce=job2vec:runs/titles-en-infonce \
  sequence=sequence:runs/title-sequence sequence-restricted=sequence-restricted:runs/title-sequence \
  word-sum=word-sum:runs/titles-en-wocr tf-idf random bi-encoder=bi-encoder:runs/title-bi-encoder-en-int8
SEEDS := 5 6 7
MATCHING := 'ours=retriever:runs/retriever-{seed}' 'ours-hybrid=hybrid-weighted:runs/retriever-{seed}' sections whole-document bm25 tf-idf \
  skill-overlap 'projection=projection:runs/projection-{seed}' 'projection-triplet=projection:runs/projection-triplet-{seed}'
ABLATIONS := no-section-vectors no-projections head no-skip flat-pooling no-weak-negatives category-negatives triplet no-category-text profile-term equal-languages
LINKERS := shipped=linker lexical exact bi-encoder=bi-encoder:linker reranked=linker+runs/reranker-int8 \
  generator=runs/generator
EXAMPLE := examples/data_engineer.json
# English postings of all occupations and lengths, 40 of each
BENCH_SOURCES := adzuna_uk_en ethiopia_afriworket_en itviec_vietnam_it_en kenya_tech_en \
  los_angeles_city_bulletins_en us_data_roles_en nofluffjobs_it_en

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check bench bench-link install-figures models evaluate evaluate-int8 evaluate-float32 docs wheel clean
.PHONY: language-model tagger-sets committees cross matrix weak datastore analyses coordination titles titles-languages title-losses occupations link-models linkers languages groups market matching ablations matching-checks bench-index titles-all

help: ## Show this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 24

demo: $(BASE) ## Annotate an example posting; installs the base package only
	$(BIN)/metier annotate $(EXAMPLE)

test: $(DEV) ## Run all tests; installs the extras
	METIER_DATA=$(abspath $(DATA)) $(BIN)/pytest

check: $(DEV) ## Check style, formatting, types, layers and docstrings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pydoclint --config pyproject.toml src

bench: $(DEV) ## Measure speed and memory into results/
	mkdir -p build
	for source in $(BENCH_SOURCES); do \
	  gzip -cdf $(DATA)/postings/$$source.jsonl* | awk 'NR % 9 == 1' | head -40; done > build/bench.jsonl
	$(BIN)/metier bench annotate build/bench.jsonl --json > results/bench-annotate.json.part
	mv results/bench-annotate.json.part results/bench-annotate.json
	gzip -cdf $(DATA)/postings/us_data_roles_en.jsonl* | awk 'NR % 8 == 1' | head -200 > build/dense.jsonl
	$(BIN)/metier bench annotate build/dense.jsonl --json > results/bench-annotate-dense.json.part
	mv results/bench-annotate-dense.json.part results/bench-annotate-dense.json
	$(BIN)/metier bench annotate --json > results/bench-annotate-examples.json.part
	mv results/bench-annotate-examples.json.part results/bench-annotate-examples.json

bench-link: $(DEV) ## ... and how fast lists are linked (needs runs/ from `make models`)
	mkdir -p build
	gzip -cd $(DATA)/skill2vec/skill2vec_50K.csv.gz | cut -d, -f2- | tr , '\n' | tr -d '"\r' | LC_ALL=C sort -u > build/skills.txt
	$(BIN)/metier bench link build/skills.txt --weights runs/linker/weights --limit 6000 --rounds 7 --json > results/bench-link.json.part
	mv results/bench-link.json.part results/bench-link.json

install-figures: $(BASE) ## Measure the wheel, the base install and the import into results/
	$(BIN)/python benchmarks/install.py > results/install.json.part
	mv results/install.json.part results/install.json

models: $(DEV) ## Train everything that ships, from configs/ (three hours on a CPU)
	$(BIN)/metier train linker configs/linker-en.toml --data $(DATA) --esco $(DATA)/esco -o runs/linker-en
	$(BIN)/metier train distil configs/linker-en-shallow.toml $(addprefix --text ,$(ENGLISH_POSTINGS)) \
	  --esco $(DATA)/esco -o runs/linker-en-shallow
	$(BIN)/metier train multilingual configs/encoder-multilingual.toml $(addprefix --text ,$(POSTINGS)) \
	  --esco $(DATA)/esco -o runs/encoder-multilingual
	$(BIN)/metier models export runs/encoder-multilingual -o $(SHIPPED)/encoder-multilingual
	$(BIN)/metier train linker configs/linker.toml --data $(DATA) --esco $(DATA)/esco -o runs/linker
	$(BIN)/metier models export runs/linker -o $(SHIPPED)/linker --encoder encoder-multilingual
	$(BIN)/metier taxonomy build $(DATA)/esco --version v1.1.1 $(addprefix --language ,$(LANGUAGES)) -o $(SHIPPED)/esco \
	  --linker $(SHIPPED)/linker
	$(BIN)/metier train title-bi-encoder configs/title-bi-encoder.toml $(TITLE_DATA) -o runs/titles
	$(BIN)/metier models export runs/titles -o $(SHIPPED)/titles
	$(BIN)/metier train tagger configs/tagger-en.toml --data $(DATA)/skillspan -o runs/tagger-en-1
	$(BIN)/metier train tagger configs/tagger-sets.toml --data $(DATA) -o runs/tagger-sets
	$(BIN)/metier train tagger configs/tagger-sets-more.toml --data $(DATA) -o runs/tagger-sets-more
	$(BIN)/metier train average runs/tagger-en-1 runs/tagger-sets runs/tagger-sets-more \
	  --data $(DATA)/skillspan -o runs/tagger-en
	$(BIN)/metier models export runs/tagger-en -o $(SHIPPED)/tagger-en
	for model in tagger-en encoder-multilingual linker titles; do cp docs/model-cards/$$model.md $(SHIPPED)/$$model/README.md; done

evaluate: evaluate-int8 evaluate-float32 ## Measure the models into results/

evaluate-int8: $(DEV) ## ... the shipped ones only
	$(BIN)/metier evaluate tagging --data $(DATA)/skillspan --split test --json -o results/tagging-skillspan-test.json
	$(BIN)/metier evaluate linking --data $(DATA)/skill_linking_esco/tech_test_annotations.csv --json \
	  -o results/linking-tech-test.json
	$(BIN)/metier evaluate linking --data $(DATA)/skill_linking_esco/house_test_annotations.csv --json \
	  -o results/linking-house-test.json

evaluate-float32: $(DEV) ## ... the same before rounding to int8; needs runs/ from `make models`
	$(BIN)/metier models export runs/tagger-en -o runs/tagger-en-float32 --quantization float32
	$(BIN)/metier models export runs/linker -o runs/linker-float32 --quantization float32
	$(BIN)/metier taxonomy build $(DATA)/esco --version v1.1.1 -o runs/esco-float32 --linker runs/linker-float32
	$(BIN)/metier evaluate tagging --model runs/tagger-en-float32 --data $(DATA)/skillspan --split test --json \
	  -o results/tagging-skillspan-test-float32.json
	$(BIN)/metier evaluate linking --model runs/linker-float32 --taxonomy runs/esco-float32 \
	  --data $(DATA)/skill_linking_esco/tech_test_annotations.csv --json -o results/linking-tech-test-float32.json
	$(BIN)/metier evaluate linking --model runs/linker-float32 --taxonomy runs/esco-float32 \
	  --data $(DATA)/skill_linking_esco/house_test_annotations.csv --json -o results/linking-house-test-float32.json

language-model: $(DEV) ## Adapt the starting encoder to English postings and to ESCO (25 minutes)
	$(BIN)/metier train language-model configs/language-model-en.toml $(addprefix --text ,$(ENGLISH_POSTINGS)) \
	  --esco $(DATA)/esco -o runs/language-model-en

tagger-sets: $(DEV) ## Measure the heads for the other data sets (needs runs/ from `make models`)
	$(BIN)/metier models export runs/tagger-sets -o runs/tagger-sets-int8
	$(BIN)/metier models export runs/tagger-sets-more -o runs/tagger-sets-more-int8
	$(BIN)/metier evaluate tagging --model runs/tagger-sets-int8 --data-set german_ict_terms \
	  --data $(DATA)/german_ict_terms --split dev --json -o results/tagging-german_ict_terms-dev.json
	for name in green sayfullina; do \
	  $(BIN)/metier evaluate tagging --model runs/tagger-sets-more-int8 --data-set $$name --data $(DATA)/$$name \
	    --split dev --json -o results/tagging-$$name-dev.json; done

matrix: $(DEV) ## Single or multi-task, softmax or CRF, plain or adapted encoder (an hour; needs language-model)
	for half in matrix matrix-single; do \
	  $(BIN)/metier train matrix configs/tagger-$$half.toml --data $(DATA)/skillspan --results results/tagger-$$half-dev.json; done

cross: $(DEV) ## One tagger per data set, each on all, with and without neighbours (needs language-model)
	for name in skillspan sayfullina green; do \
	  $(BIN)/metier train tagger configs/tagger-cross.toml --data $(DATA)/$$name -o runs/cross-$$name && \
	  $(BIN)/metier models export runs/cross-$$name -o runs/cross-$$name-int8; done
	$(BIN)/metier analyse cross $(foreach name,skillspan sayfullina green,--model $(name)=runs/cross-$(name)-int8 \
	  --set $(name)=$(DATA)/$(name)) --datastores runs/cross-stores -o results/cross

committees: $(DEV) ## Committees of taggers for Green and Sayfullina (half an hour; needs tagger-sets and cross)
	for name in green green-again; do \
	  $(BIN)/metier train tagger configs/tagger-$$name.toml --data $(DATA)/green -o runs/tagger-$$name && \
	  $(BIN)/metier models export runs/tagger-$$name -o runs/tagger-$$name-int8; done
	$(BIN)/metier train committee runs/tagger-sets-int8 runs/cross-green-int8 runs/tagger-green-int8 runs/tagger-green-again-int8 \
	  --data $(DATA)/green -o runs/committee-green
	$(BIN)/metier train tagger configs/tagger-sayfullina.toml --data $(DATA)/sayfullina -o runs/tagger-sayfullina
	$(BIN)/metier models export runs/tagger-sayfullina -o runs/tagger-sayfullina-int8
	$(BIN)/metier train committee runs/tagger-sets-more-int8 runs/cross-sayfullina-int8 runs/tagger-sayfullina-int8 \
	  --data $(DATA)/sayfullina -o runs/committee-sayfullina
	for name in green sayfullina; do \
	  $(BIN)/metier evaluate tagging --model runs/committee-$$name --data $(DATA)/$$name --split dev --json \
	    -o results/tagging-$$name-dev-committee.json; done
	$(BIN)/metier evaluate tagging --model runs/tagger-sayfullina-int8 --data $(DATA)/sayfullina --split dev --json \
	  -o results/tagging-sayfullina-dev-alone.json

datastore: $(DEV) ## Build the store of SkillSpan's training words, tune it, and measure what a large one costs
	$(BIN)/metier datastore build tagger-en --data $(DATA)/skillspan -o runs/datastore-skillspan
	$(BIN)/metier datastore tune runs/datastore-skillspan --data $(DATA)/skillspan -o results/datastore-skillspan-dev.json
	$(BIN)/metier evaluate tagging --data $(DATA)/skillspan --split test --datastore runs/datastore-skillspan --json \
	  -o results/tagging-skillspan-test-datastore.json
	$(BIN)/metier datastore build tagger-en --data $(DATA)/skillspan --data $(DATA)/sayfullina --data $(DATA)/green \
	  -o runs/datastore-all
	$(BIN)/python benchmarks/datastore.py runs/datastore-all $(DATA)/skillspan/dev.json.gz results/datastore-speed.json

weak: $(DEV) ## Label postings without labels, train on that, and measure all methods of weak supervision
	mkdir -p runs/weak
	for source in $(ENGLISH_POSTINGS); do gzip -cdf $$source | awk 'NR % 4 == 1'; done > runs/weak/postings.jsonl
	$(BIN)/metier weak label runs/weak/postings.jsonl --balanced -o runs/weak/train.jsonl.gz --dev runs/weak/dev.jsonl.gz
	$(BIN)/metier train tagger configs/tagger-weak.toml --data runs/weak -o runs/tagger-weak
	$(BIN)/metier models export runs/tagger-weak -o runs/tagger-weak-int8
	$(BIN)/metier weak evaluate --data $(DATA)/skillspan --split dev --corpus runs/weak/postings.jsonl \
	  $(addprefix --method ,$(WEAK_METHODS)) --tagger runs/tagger-weak-int8 --json -o results/weak-supervision.json

analyses: $(DEV) ## Measure and draw where the shipped tagger errs on dev
	$(BIN)/metier analyse tagging --data $(DATA)/skillspan --split dev -o results/analysis
	for name in lengths frequency errors; do mv results/analysis/$$name.png docs/images/tagger-$$name.png; done
	rm -f results/analysis/*.png

coordination: $(BASE) ## Measure how coordinated skills are taken apart
	$(BIN)/metier evaluate coordination tests/unit/tagging/coordination_cases.jsonl --json -o results/coordination.json

titles: $(DEV) ## Train job2vec, its baselines and the bi-encoder without dev and test, and measure all on test (an hour)
	for loss in wocr infonce; do \
	  $(BIN)/metier train titles configs/titles-en-$$loss.toml $(TITLE_DATA) -o runs/titles-en-$$loss; done
	$(BIN)/metier train title-sequence configs/title-sequence.toml $(TITLE_DATA) -o runs/title-sequence
	$(BIN)/metier train title-bi-encoder configs/title-bi-encoder-en.toml $(TITLE_DATA) -o runs/title-bi-encoder-en
	$(BIN)/metier models export runs/title-bi-encoder-en -o runs/title-bi-encoder-en-int8
	$(BIN)/metier evaluate titles $(TITLE_DATA) --language en --split test --threads 1 \
	  $(addprefix --system ,$(TITLE_SYSTEMS)) --json -o results/titles-en-test.json
	$(BIN)/metier evaluate title-neighbours $(DATA)/jobbert_titles_esco/titles.test.csv.gz $(TITLE_DATA) --language en \
	  --system joaps=job2vec:runs/titles-en-wocr --system infonce=job2vec:runs/titles-en-infonce \
	  --system word-sum=word-sum:runs/titles-en-wocr --system bi-encoder=bi-encoder:runs/title-bi-encoder-en-int8 \
	  --json -o results/title-neighbours-test.json

titles-languages: $(DEV) ## ... the same in English, Spanish, Danish and French, without the sequence model (half an hour)
	for loss in wocr infonce; do \
	  $(BIN)/metier train titles configs/titles-four-$$loss.toml $(TITLE_DATA) -o runs/titles-four-$$loss; done
	$(BIN)/metier train title-bi-encoder configs/title-bi-encoder-four.toml $(TITLE_DATA) -o runs/title-bi-encoder-four
	$(BIN)/metier models export runs/title-bi-encoder-four -o runs/title-bi-encoder-four-int8
	$(BIN)/metier evaluate titles $(TITLE_DATA) $(foreach code,en es da fr,--language $(code)) --split test --threads 1 \
	  --system joaps=job2vec:runs/titles-four-wocr --system infonce=job2vec:runs/titles-four-infonce \
	  --system word-sum=word-sum:runs/titles-four-wocr --system tf-idf --system random \
	  --system bi-encoder=bi-encoder:runs/title-bi-encoder-four-int8 --json -o results/titles-four-test.json

languages: $(DEV) ## Measure labels in 25 languages, beside an English encoder, and the tagger of three languages
	$(BIN)/metier models export sentence-transformers/all-MiniLM-L6-v2 -o runs/encoder-minilm
	$(BIN)/metier evaluate languages --esco $(DATA)/esco --encoder multilingual=encoder-multilingual \
	  --encoder minilm=runs/encoder-minilm --json -o results/languages-test.json
	mkdir -p runs/tagger-data/kompetencer
	for name in skillspan german_ict_terms; do ln -sfn $(abspath $(DATA))/$$name runs/tagger-data/$$name; done
	$(BIN)/metier convert $(DATA)/kompetencer/kompetencer_danish_train.conll runs/tagger-data/kompetencer/train.conll \
	  --dev runs/tagger-data/kompetencer/dev.conll
	$(BIN)/metier train tagger configs/tagger-multilingual.toml --data runs/tagger-data -o runs/tagger-multilingual
	$(BIN)/metier models export runs/tagger-multilingual -o runs/tagger-multilingual-int8
	$(BIN)/metier evaluate tagging --model runs/tagger-multilingual-int8 --data runs/tagger-data/skillspan --split dev --json \
	  -o results/tagging-multilingual-skillspan-dev.json
	for name in german_ict_terms kompetencer; do \
	  $(BIN)/metier evaluate tagging --model runs/tagger-multilingual-int8 --data-set $$name \
	    --data runs/tagger-data/$$name --split dev --json -o results/tagging-multilingual-$$name-dev.json; done
	$(BIN)/metier train tagger configs/tagger-danish.toml --data runs/tagger-data/kompetencer -o runs/tagger-danish

title-losses: $(DEV) ## Measure what a pair costs and teaches with WARP and with WOCR
	for name in warp wocr-few; do \
	  $(BIN)/metier train titles configs/titles-en-$$name.toml $(TITLE_DATA) -o runs/titles-en-$$name; \
	  cp runs/titles-en-$$name/record.json results/titles-loss-$$name.json; done

titles-all: $(DEV) ## ... the same in ESCO's 26 languages (an hour)
	for loss in wocr infonce; do \
	  $(BIN)/metier train titles configs/titles-all-$$loss.toml $(TITLE_DATA) -o runs/titles-all-$$loss; done
	$(BIN)/metier train title-bi-encoder configs/title-bi-encoder-all.toml $(TITLE_DATA) -o runs/title-bi-encoder-all
	$(BIN)/metier models export runs/title-bi-encoder-all -o runs/title-bi-encoder-all-int8
	$(BIN)/metier evaluate titles $(TITLE_DATA) $(foreach code,$(ESCO_LANGUAGES),--language $(code)) --split test --threads 1 \
	  --system joaps=job2vec:runs/titles-all-wocr --system infonce=job2vec:runs/titles-all-infonce \
	  --system word-sum=word-sum:runs/titles-all-wocr --system random \
	  --system bi-encoder=bi-encoder:runs/title-bi-encoder-all-int8 --json -o results/titles-all-test.json

market: $(BASE) ## Simulate the markets that matching is trained and judged on
	for seed in 1 $(SEEDS); do $(BIN)/metier simulate market -o runs/market-$$seed --seed $$seed --n-profiles 12000 --n-projects 3000; done

matching: $(DEV) ## Train the retriever and its baselines on three simulated markets, and measure all (two hours; needs market)
	for seed in $(SEEDS); do \
	  $(BIN)/metier train retriever configs/retriever.toml --data runs/market-$$seed -o runs/retriever-$$seed && \
	  $(BIN)/metier train projection configs/match-projection.toml --data runs/market-$$seed -o runs/projection-$$seed && \
	  $(BIN)/metier train projection configs/match-projection-triplet.toml --data runs/market-$$seed -o runs/projection-triplet-$$seed && \
	  $(BIN)/metier train fine-tuned configs/match-fine-tuned.toml --data runs/market-$$seed -o runs/fine-tuned-$$seed && \
	  $(BIN)/metier models export runs/fine-tuned-$$seed -o runs/fine-tuned-$$seed-int8; done
	$(BIN)/metier evaluate retrieval $(foreach seed,$(SEEDS),--data runs/market-$(seed)) $(foreach system,$(MATCHING),--system $(system)) \
	  --baseline sections --cache runs/token-vectors --json -o results/retrieval.json
	$(BIN)/metier evaluate retrieval $(foreach seed,$(SEEDS),--data runs/market-$(seed)) --system sections \
	  --system 'fine-tuned=fine-tuned:runs/fine-tuned-{seed}-int8' --baseline sections --json -o results/retrieval-fine-tuned.json

ablations: $(DEV) ## The retriever without one of its parts at a time, and with 100,000 interactions (an hour; needs market)
	$(BIN)/metier train retriever configs/retriever.toml --data runs/market-1 -o runs/retriever-1
	for part in $(ABLATIONS); do \
	  $(BIN)/metier train retriever configs/retriever-$$part.toml --data runs/market-1 -o runs/retriever-$$part; done
	$(BIN)/metier evaluate retrieval --data runs/market-1 --system 'all=retriever:runs/retriever-1' \
	  $(foreach part,$(ABLATIONS),--system $(part)=retriever:runs/retriever-$(part)) --baseline all --cache runs/token-vectors --json \
	  -o results/retrieval-ablations.json
	$(BIN)/metier simulate market -o runs/market-large --seed 8 --n-profiles 20000 --n-projects 5700
	$(BIN)/metier train retriever configs/retriever.toml --data runs/market-large -o runs/retriever-large
	cp runs/retriever-large/record.json results/retriever-100k.json
	$(BIN)/metier train retriever configs/retriever-head.toml --data runs/market-large -o runs/retriever-head-large
	cp runs/retriever-head-large/record.json results/retriever-head-100k.json

matching-checks: $(DEV) ## Real texts, bias, the ranker and a map of the space (needs matching)
	$(BIN)/metier evaluate upwork --data $(DATA)/freelance --system ours=retriever:runs/retriever-5 --system bm25 --system tf-idf \
	  --system sections --system whole-document --json -o results/upwork.json
	$(BIN)/metier match audit --data runs/market-5 --encoder runs/retriever-5 --json -o results/match-audit.json
	$(BIN)/metier train ranker configs/match-ranker.toml --data runs/market-5 --retriever retriever:runs/retriever-5 -o runs/ranker-5
	cp runs/ranker-5/record.json results/match-ranker.json
	$(BIN)/metier match map --data runs/market-5 --encoder runs/retriever-5 -o build/market-map.png --html build/market-map.html

bench-index: $(DEV) ## Speed, recall and memory of an index of 700,000 people (half an hour, 6 GB of disk; needs market)
	$(BIN)/python benchmarks/people_vectors.py runs/market-1 sections build/people.npy
	$(BIN)/metier bench index --vectors build/people.npy --encoder sections --folder build/bench-index \
	  --only build --only search --only memory --only match -o results/bench-index-700k.json
	for part in refresh violations; do \
	  $(BIN)/metier bench index --vectors build/people.npy --encoder sections --folder build/bench-index --only $$part \
	    -o results/bench-index-$$part.json; done
	$(BIN)/metier bench index --rows 20000 --vectors build/people.npy --only violations --only kill -o results/bench-index-20k.json

occupations: $(BASE) ## Measure how titles are linked to occupations, and how like titles are found (needs titles, titles-languages)
	$(BIN)/metier evaluate occupations --titles $(DATA)/jobbert_titles_esco/titles.test.csv.gz --json \
	  -o results/occupations-test.json
	$(BIN)/metier evaluate occupations --melo $(DATA)/melo --json -o results/melo.json
	$(BIN)/metier evaluate occupations --similarity $(DATA)/job_title_similarity \
	  --system bi-encoder=bi-encoder:runs/title-bi-encoder-four-int8 --system joaps=job2vec:runs/titles-en-wocr --json \
	  -o results/title-similarity.json

link-models: $(DEV) ## Train the re-ranker and the generator (an hour and a half; needs runs/ from `make models`)
	$(BIN)/metier train reranker configs/reranker.toml --data $(DATA) -o runs/reranker
	$(BIN)/metier models export runs/reranker -o runs/reranker-int8
	$(BIN)/metier train generator configs/generator.toml --data $(DATA) --esco $(DATA)/esco -o runs/generator

linkers: $(DEV) ## Compare all linkers on the test sets (needs link-models)
	$(BIN)/metier evaluate linkers $(addprefix --linker ,$(LINKERS)) --json -o results/linkers.json --plots docs/images \
	  $(foreach set,tech house,--set $(set)=$(DATA)/skill_linking_esco/$(set)_test_annotations.csv)

groups: $(DEV) ## Train the classifier of spans into ESCO's groups, and measure it on dev, test and, in Danish, in folds
	$(BIN)/metier train groups configs/groups.toml --data $(DATA)/kompetencer -o runs/groups
	$(BIN)/metier evaluate groups --data $(DATA)/kompetencer --model runs/groups --split dev --json -o results/groups-en-dev.json
	$(BIN)/metier evaluate groups --data $(DATA)/kompetencer --model runs/groups --split test --json -o results/groups-en-test.json
	$(BIN)/metier evaluate groups --data $(DATA)/kompetencer --model runs/groups --cross-validate --json \
	  -o results/groups-da-cross-validation.json
	$(BIN)/metier train groups configs/groups-context.toml --data $(DATA)/kompetencer --skillspan $(DATA)/skillspan \
	  -o runs/groups-context
	cp runs/groups-context/record.json results/groups-context.json

docs: $(BASE) ## Write docs/reference/cli.md anew from the commands' help
	$(BIN)/python -m typer metier.cli.main utils docs --name metier --output docs/reference/cli.md

wheel: $(BASE) ## Build the wheel into dist/
	$(BIN)/pip wheel --no-deps --wheel-dir dist .

clean: ## Remove what was built, and the caches; .venv and runs/ stay
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# The base install, without torch.
$(BASE): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -e . -c constraints.txt
	touch $@

# torch comes first and alone, so that no other package chooses its build.
$(DEV): $(BASE)
	$(BIN)/pip install torch==2.13.0
	$(BIN)/pip install --quiet -e '.[dev]' -c constraints.txt
	touch $@
